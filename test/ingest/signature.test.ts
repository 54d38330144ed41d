import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../core/runtime/clock.ts';
import { ensureHmacKey, readHmacKey } from '../../ingest/hmac-key.ts';
import { notifyAll } from '../../ingest/notify.ts';
import { contentDigest, signRequest } from '../../ingest/sign.ts';
import { key, now, type PostOptions, post, startIndexer } from '../rigs/streams/indexer.ts';

const minute = 60_000;
const fqid = { uuid: '56a338fe-7554-4b5d-96a2-7df127a7640b', version: '2018-03-28T15:10:23.074974Z' };
const body = { bundle_fqid: fqid };
const source = { id: 'a', spec: 'b:' };

describe('signatures of notifications', () => {
  let indexer: Awaited<ReturnType<typeof startIndexer>>;
  beforeEach(async () => {
    indexer = await startIndexer();
  });
  afterEach(() => indexer.stop());

  it('refuses a request without one', async () => {
    const response = await fetch(`${indexer.url}/hca/add`, { method: 'POST', body: JSON.stringify(body) });
    const Message =
      'The request is not signed. Sign @method, @path, content-digest with the key of the indexer (RFC 9421), as `lazuli bundle` does.';
    expect([response.status, await response.json()]).to.deep.equal([401, { Code: 'UnauthorizedError', Message }]);
  });

  const refused: readonly [what: string, options: PostOptions][] = [
    ['a wrong key', { by: { ...key, key: 'a secret that nobody knows' } }],
    ['a wrong key id', { by: { ...key, key_id: 'another id' } }],
    ['a body swapped in transit', { swapped: JSON.stringify({ bundle_fqid: { ...fqid, version: 'other' } }) }],
    [
      'a body swapped together with its digest',
      { swapped: '{}', headers: { 'Content-Digest': contentDigest(Buffer.from('{}')) } },
    ],
    ['a digest that is none', { headers: { 'Content-Digest': 'sha-256=:' } }],
    ['a signature older than 15 minutes', { created: now - 15 * minute - 1000 }],
    ['a signature from the future', { created: now + 2 * minute }],
    ['a signature that is none', { headers: { Signature: 'lazuli=:AAAA:' } }],
    ['a garbled signature', { headers: { 'Signature-Input': '(((' } }],
  ];
  for (const [what, options] of refused) {
    it(`refuses ${what}`, async () => {
      const response = await post(indexer.url, '/hca/add', body, options);
      expect([response.status, JSON.parse(response.body)]).to.deep.equal([
        401,
        { Code: 'UnauthorizedError', Message: 'Invalid authorization credentials' },
      ]);
      expect(indexer.records).to.deep.equal([]);
    });
  }

  it('refuses a signature of another path', async () => {
    const response = await post(indexer.url, '/hca/add', body);
    expect(response.status).to.equal(202);
    const text = JSON.stringify(body);
    const url = `${indexer.url}/hca/add`;
    const headers = await signRequest(key, { method: 'POST', url, body: Buffer.from(text), created: now });
    const replayed = await fetch(`${indexer.url}/hca/delete`, { method: 'POST', headers, body: text });
    expect(replayed.status).to.equal(401);
  });

  it('accepts a signature made nearly 15 minutes ago', async () => {
    expect((await post(indexer.url, '/hca/add', body, { created: now - 14 * minute })).status).to.equal(202);
  });

  it('is checked before anything else', async () => {
    const by = { ...key, key: 'a secret that nobody knows' };
    expect((await post(indexer.url, '/HCA_/reindex', '{', { by })).status).to.equal(401);
  });
});

describe('notifying many', () => {
  it('sends all with their sources, tries again what was not accepted, and tells what never was', async () => {
    const indexer = await startIndexer();
    let sleeps = 0;
    const clock = {
      now: () => now,
      sleep: async () => {
        if (++sleeps === 40) indexer.stream.up = true;
      },
    };
    const notifications = Array.from({ length: 40 }, (_, i) => ({
      action: 'add' as const,
      fqid: { source, uuid: fqid.uuid.replace('56a3', String(1000 + i)), version: i === 7 ? '' : fqid.version },
    }));
    indexer.stream.up = false;
    const unsent = await notifyAll(notifications, { url: indexer.url, key, catalog: 'hca', clock, attempts: 100 });
    await indexer.stop();
    expect(unsent.map(({ notification, reason }) => [notification, reason.code])).to.deep.equal([
      [notifications[7], 'bad_request'],
    ]);
    expect(indexer.records.length).to.equal(39);
    const [first] = indexer.records as { record: { notification: { bundle_fqid: unknown } } }[];
    expect(first?.record.notification.bundle_fqid).to.have.property('source').that.deep.equals(source);
  });

  it('gives up on an indexer that cannot be reached, saying so', async () => {
    const clock = { ...systemClock, sleep: async () => {} };
    const fqidWithSource = { ...fqid, source };
    const unsent = await notifyAll([{ action: 'delete', fqid: fqidWithSource }], {
      ...{ url: 'http://127.0.0.1:1', key, catalog: 'hca', clock },
    });
    expect(unsent.map(({ reason }) => reason.code)).to.deep.equal(['unavailable']);
    expect(unsent[0]?.reason.message).to.match(/can't be reached/);
  });
});

describe('the key of notifications', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is made once, for its owner only', () => {
    const file = join(folder, 'keys', 'hmac.json');
    const made = ensureHmacKey(file);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect([ensureHmacKey(file), readHmacKey(file)]).to.deep.equal([made, made]);
    expect(ensureHmacKey(join(folder, 'other.json')).key).not.to.equal(made.key);
  });

  it('that everybody may write is refused, whatever link leads there', () => {
    const [file, link] = [join(folder, 'open.json'), join(folder, 'link.json')];
    const made = ensureHmacKey(file);
    symlinkSync(file, link);
    expect(readHmacKey(link)).to.deep.equal(made);
    chmodSync(file, 0o602);
    for (const path of [file, link]) expect(() => readHmacKey(path)).to.throw(/everybody may write it/);
    expect(() => readHmacKey('/none', { LAZULI_HMAC_KEY_FILE: link })).to.throw(/everybody may write it/);
  });

  it('that is not all text is refused, and not shown', () => {
    const file = join(folder, 'latin1.json');
    writeFileSync(file, Buffer.from('{"key": "schlüssel-schlüssel", "key_id": "k"}', 'latin1'));
    expect(() => readHmacKey(file))
      .to.throw(/latin1\.json, can't be used: .*not valid for encoding utf-8/)
      .with.property('code', 'configuration_invalid');
  });

  it('that is missing is a mistake of the configuration', () => {
    expect(() => readHmacKey(join(folder, 'none.json')))
      .to.throw(/can't be used/)
      .with.property('code', 'configuration_invalid');
  });
});

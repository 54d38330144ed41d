import { createHash, createHmac } from 'node:crypto';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { Callbacks } from '../../core/model/callbacks.ts';
import { callbacksFrom } from '../../ingest/callback.ts';
import { callbackKey } from '../../ingest/callback-key.ts';
import type { HmacKey } from '../../ingest/hmac-key.ts';
import { key, now, post, startIndexer } from '../rigs/streams/indexer.ts';

const uuid = '56a338fe-7554-4b5d-96a2-7df127a7640b';
const source = { id: 'a', spec: 'b:' };

/** A store whose callbacks name a version, and perhaps what happened. */
const callbacks: Callbacks = {
  changeOf({ version, action }, said) {
    if (typeof version !== 'string') throw new LazuliError('bad_request', 'no version');
    if (version === 'elsewhere') return null;
    return { action: action === undefined ? said : 'delete', fqid: { source, uuid, version } };
  },
  subscriptions: async () => [],
};

interface Calling {
  readonly by?: HmacKey;
  readonly at?: number;
  readonly type?: string;
  readonly swapped?: string;
}

describe('callbacks of a data store', () => {
  let indexer: Awaited<ReturnType<typeof startIndexer>>;
  let keys = { current: key, other: null as HmacKey | null };
  const time = { now };
  beforeEach(async () => {
    keys = { current: key, other: null };
    time.now = now;
    indexer = await startIndexer({ callbacksOf: async () => callbacks, keys: () => keys, time });
  });
  afterEach(() => indexer.stop());

  /** Posts what a store sends: by default signed with the key that it has for that path. */
  async function call(path: string, body: unknown, how: Calling = {}) {
    const [, catalog = '', action = ''] = path.split('/');
    const { by = callbackKey(key, catalog, action), at = now, type = 'application/json' } = how;
    const text = JSON.stringify(body);
    const digest = `SHA-256=${createHash('sha256').update(text).digest('base64')}`;
    const date = new Date(at).toUTCString();
    const signature = createHmac('sha256', by.key).update(`date: ${date}\ndigest: ${digest}`).digest('base64');
    const authorization = `Signature keyId="${by.key_id}",algorithm="hmac-sha256",headers="date digest",signature="${signature}"`;
    const headers = { date, digest, authorization, 'content-type': type };
    const answer = await fetch(indexer.url + path, { method: 'POST', headers, body: how.swapped ?? text });
    return [answer.status, await answer.text()];
  }

  const accepted = [202, ''];
  const notified = () => indexer.records.map(({ record }) => record);
  const recorded = (action: string, version: string, number: number) => ({
    ...{ action, catalog: 'hca', number },
    notification: { bundle_fqid: { uuid, version, source } },
  });

  it('are put to the stream as notifications, with the source of the configuration', async () => {
    expect(await call('/hca/add', { version: '1' })).to.deep.equal(accepted);
    expect(await call('/hca/delete', { version: '2' })).to.deep.equal(accepted);
    expect(await call('/hca/add', { version: '3', action: 'delete' })).to.deep.equal(accepted);
    expect(notified()).to.deep.equal([recorded('add', '1', 0), recorded('delete', '2', 1), recorded('delete', '3', 1)]);
  });

  it('are taken with the key itself, too, as the established system gave it to stores', async () => {
    expect(await call('/hca/add', { version: '1' }, { by: key })).to.deep.equal(accepted);
  });

  it('about bundles of no source are taken, and nothing is done: else the store would go on for days', async () => {
    expect(await call('/hca/add', { version: 'elsewhere' })).to.deep.equal(accepted);
    expect(notified()).to.deep.equal([]);
  });

  it('that come again are answered as before, also at another path, and nothing is done', async () => {
    for (const path of ['/hca/add', '/hca/add', '/hca/delete', '/dcp/add'])
      expect(await call(path, { version: '1' }, { by: key })).to.deep.equal(accepted);
    expect(notified()).to.deep.equal([recorded('add', '1', 0)]);
  });

  it('that are sent anew are taken anew: the store signs each attempt', async () => {
    for (const at of [now, now + 1000]) await call('/hca/add', { version: '1' }, { at });
    expect(notified().length).to.equal(2);
  });

  const refused: readonly [what: string, path: string, how: Calling][] = [
    ['the key of another path', '/hca/delete', { by: callbackKey(key, 'hca', 'add') }],
    ['the key of another catalog', '/dcp/add', { by: callbackKey(key, 'hca', 'add') }],
    ['another key', '/hca/add', { by: { ...key, key: 'a secret that nobody knows' } }],
    ['a body that was swapped', '/hca/add', { swapped: '{"version": "2"}' }],
    ['a date of yesterday', '/hca/add', { at: now - 86_400_000 }],
    ['a clock that is an hour ahead', '/hca/add', { at: now + 3_600_000 }],
    ['the key of a store, at runs', '/runs/hca', {}],
  ];
  for (const [what, path, how] of refused)
    it(`answer 401 to ${what}`, async () => {
      expect((await call(path, { version: '1' }, how))[0]).to.equal(401);
      expect(notified()).to.deep.equal([]);
    });

  it('refuse what the store can not know, or a body that says nothing', async () => {
    expect((await call('/hca/restore', { version: '1' }))[0]).to.equal(400);
    expect((await call('/hca/add', {}))[0]).to.equal(400);
    expect((await call('/hca/add', 'text'))[0]).to.equal(400);
    expect((await call('/hca/add', { version: '1' }, { type: 'text/plain' }))[0]).to.equal(415);
    expect(notified()).to.deep.equal([]);
  });

  it('are tried again where the stream does not take them', async () => {
    indexer.stream.up = false;
    expect((await call('/hca/add', { version: '1' }))[0]).to.equal(503);
    indexer.stream.up = true;
    expect(await call('/hca/add', { version: '1' })).to.deep.equal(accepted);
    expect(notified().length).to.equal(1);
  });

  it('and notifications are taken with two keys while these are rotated, and with no others', async () => {
    const next = { key: 'a secret that is the next one', key_id: 'next' };
    const body = { bundle_fqid: { uuid, version: '1' } };
    const both = async (by: HmacKey, version: string) => [
      (await post(indexer.url, '/hca/add', body, { by })).status,
      (await call('/hca/add', { version }, { by: callbackKey(by, 'hca', 'add') }))[0],
    ];
    expect([await both(key, '1'), await both(next, '2')]).to.deep.equal([
      [202, 202],
      [401, 401],
    ]);
    keys = { current: key, other: next };
    expect([await both(key, '3'), await both(next, '4')]).to.deep.equal([
      [202, 202],
      [202, 202],
    ]);
    keys = { current: next, other: key };
    expect([await both(key, '5'), await both(next, '6')]).to.deep.equal([
      [202, 202],
      [202, 202],
    ]);
    keys = { current: next, other: null };
    expect([await both(key, '7'), await both(next, '8')]).to.deep.equal([
      [401, 401],
      [202, 202],
    ]);
  });

  it('are refused for a catalog that there is not, or whose repository sends none', async () => {
    const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/none' } };
    const hca = { atlas: 'hca', internal: false, plugins, sources: [] };
    const of = callbacksFrom({ plugins: [], catalogs: { hca } });
    const codeOf = (error: unknown) => (error as LazuliError).code;
    expect(await of('constructor').catch(codeOf)).to.equal('not_found');
    expect(await of('hca').catch(codeOf)).to.equal('unavailable');
  });
});

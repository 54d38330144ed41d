import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { type Account, newAccount, writeKeyFile } from '../../rigs/dss/accounts.ts';
import { call, type DepositedFile, deposit, marksOf, tokenOf } from '../../rigs/dss/deposit.ts';
import { type Dss, startDss } from '../../rigs/dss/dss.ts';
import {
  breaksOff,
  type Fault,
  fails,
  losesHalf,
  losesLink,
  movedForEver,
  staysSilent,
} from '../../rigs/dss/faults.ts';
import { filesOf } from '../../rigs/dss/hca-files.ts';
import { signatureOf } from '../../rigs/dss/notifier.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';
import { until } from '../../rigs/until.ts';

const version = '2018-10-18T150431.370880Z';
const later = '2019-10-18T150431.370880Z';
const uuid = (start: string) => `${start}000000-0000-4000-8000-000000000000`;
const media = 'application/json; dcp-type="metadata/x"';
const file = (start: string, name: string, content: object, indexed = true): DepositedFile => ({
  ...{ name, uuid: uuid(start), version, type: media, indexed },
  content: new TextEncoder().encode(JSON.stringify(content)),
});
const files = [
  file('f1', 'project_0.json', { project_core: { title: 'one' } }),
  file('f2', 'cell_suspension_1.json', { genus: 'human' }),
  file('f3', 'data.json', { large: 'x'.repeat(20_000) }, false),
];

const bundle = {
  manifest: {
    [`sequence_file/${uuid('a2')}`]: { name: 'reads.fastq', uuid: uuid('a3'), 'content-type': 'text/plain' },
  },
  metadata: { [`project/${uuid('a1')}`]: {}, [`sequence_file/${uuid('a2')}`]: {} },
  links: {},
};

describe('The data store of the tests', () => {
  const cloud = useCloud();
  let dss: Dss;
  let ann: Account;
  let bob: Account;
  before(async () => {
    dss = await startDss(cloud(), { mostPerPage: 2 });
    ann = dss.accounts.add(newAccount('ann'), true);
    bob = dss.accounts.add(newAccount('bob'));
    for (const start of ['b1', 'b2', 'b3']) await deposit(dss, ann, { uuid: uuid(start), version }, files);
    await deposit(dss, ann, { uuid: uuid('b1'), version: later }, files.slice(0, 1));
  });
  after(() => dss?.[Symbol.asyncDispose]());
  beforeEach(() => dss.faults.clear());

  const ask = (method: string, path: string, body?: object, by: Account | null = null) =>
    call(dss, by, method, path, body);

  it('lists bundles in pages, each with the place of the next', async () => {
    const first = await ask('GET', '/bundles/all?replica=aws&prefix=b');
    const link = first.headers.get('link') ?? '';
    expect([first.status, first.body.bundles, first.body.has_more]).to.deep.equal([
      206,
      [
        { uuid: uuid('b1'), version },
        { uuid: uuid('b1'), version: later },
      ],
      true,
    ]);
    const second = await ask('GET', link.replace(/^<(.*)>; rel="next"$/, '$1').replace(dss.url, ''));
    expect(second.body.bundles.map((one: { uuid: string }) => one.uuid)).to.deep.equal([uuid('b2'), uuid('b3')]);
    const manifest = await ask('GET', `/bundles/${uuid('b2')}?replica=aws`);
    expect(manifest.headers.get('link')).to.match(/start_at=2.*version=2018.*; rel='next'$/);
    expect(manifest.body.bundle.files[0]).to.include({
      name: 'project_0.json',
      s3_etag: marksOf(files[0]?.content ?? new Uint8Array())['hca-dss-s3_etag'],
    });
  });

  it('gives files by a URL of its checkout bucket, large ones only when they have been asked for again', async () => {
    const small = await ask('GET', `/files/${uuid('f1')}?replica=aws&version=${version}`);
    expect(small.status).to.equal(302);
    expect(await (await fetch(small.headers.get('location') ?? '')).json()).to.deep.equal({
      project_core: { title: 'one' },
    });
    const large = await ask('GET', `/files/${uuid('f3')}?replica=aws`);
    expect([large.status, large.headers.get('retry-after')]).to.deep.equal([301, '0']);
    const again = await fetch(large.headers.get('location') ?? '', { redirect: 'manual' });
    expect([again.status, again.headers.get('x-dss-size')]).to.deep.equal([302, String(files[2]?.content.length)]);
    expect((await ask('GET', `/files/${uuid('f3')}?replica=aws&token=x`)).body.code).to.equal('illegal_token');
  });

  it('takes what is put once, the same again, and nothing else', async () => {
    const put = async (content: string, tags = marksOf(Buffer.from(content)), by: Account | null = ann) => {
      await dss.storage.put({ bucket: dss.staging, key: 'put' }, content, 'text/plain', tags);
      const body = { source_url: `s3://${dss.staging}/put`, creator_uid: 0 };
      const { status, body: told } = await ask('PUT', `/files/${uuid('f9')}?version=${version}`, body, by);
      return `${status} ${told.code ?? ''}`.trim();
    };
    const sums = marksOf(Buffer.from('one'));
    expect(await put('one', sums, null)).to.equal('401 Unauthorized');
    expect(await put('one', { ...sums, 'hca-dss-sha1': 'x' })).to.equal('422 invalid_checksum');
    expect(await put('one', { ...sums, 'hca-dss-s3_etag': '0'.repeat(32) })).to.equal('422 invalid_checksum');
    expect(await put('one', { 'hca-dss-sha1': sums['hca-dss-sha1'] ?? '' })).to.equal('422 missing_checksum');
    expect(await put('one')).to.equal('201');
    expect(await put('one')).to.equal('200');
    expect(await put('two')).to.equal('409 file_already_exists');
    const list = (name: string, of = 'f9') => ({
      creator_uid: 0,
      files: [{ uuid: uuid(of), version, name, indexed: false }],
    });
    const bundle = async (body: object) =>
      (await ask('PUT', `/bundles/${uuid('c1')}?replica=aws&version=${version}`, body, bob)).status;
    expect([await bundle(list('a')), await bundle(list('a')), await bundle(list('b'))]).to.deep.equal([201, 200, 409]);
    expect(await bundle(list('a', 'ff'))).to.equal(400);
  });

  it('asks who calls', async () => {
    const path = `/bundles/${uuid('b1')}?replica=aws`;
    const withToken = async (token: Promise<string>) =>
      (
        await fetch(`${dss.url}${path}`, {
          method: 'DELETE',
          headers: { authorization: `Bearer ${await token}` },
        })
      ).status;
    const seconds = Math.floor(Date.now() / 1000);
    const stranger = newAccount('eve');
    expect(await withToken(tokenOf(stranger))).to.equal(401);
    expect(await withToken(tokenOf(newAccount('ann', 'elsewhere')))).to.equal(403);
    expect(await withToken(tokenOf({ ...stranger, email: ann.email }))).to.equal(401);
    expect(await withToken(tokenOf(ann, 0, { exp: seconds - 1 }))).to.equal(401);
    expect(await withToken(tokenOf(ann, 0, { aud: 'https://elsewhere/' }))).to.equal(401);
    expect(await withToken(tokenOf(bob))).to.equal(403);
    expect((await ask('DELETE', path, { reason: 'none' }, bob)).status).to.equal(403);
  });

  it('gives out key files of its accounts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-dss-'));
    const key = JSON.parse(readFileSync(writeKeyFile(join(folder, 'key.json'), ann), 'utf8'));
    rmSync(folder, { recursive: true });
    expect(key).to.include({ type: 'service_account', client_email: ann.email, private_key_id: ann.keyId });
  });

  it('has the faults that a test wants, as often as it wants them', async () => {
    const path = '/bundles/all?replica=aws&prefix=b';
    const wanted = (fault: Fault) => dss.faults.plan(/bundles\/all/, fault);
    wanted(fails(503, 'unavailable'));
    wanted(losesLink);
    wanted(losesHalf('bundles'));
    wanted(movedForEver(dss.url));
    wanted(breaksOff);
    expect(await ask('GET', path)).to.deep.include({ status: 503 });
    const lost = await ask('GET', path);
    expect([lost.status, lost.headers.get('link')]).to.deep.equal([206, null]);
    const { page_count, bundles } = (await ask('GET', path)).body;
    expect([page_count, bundles.length]).to.deep.equal([2, 1]);
    expect((await ask('GET', path)).status).to.equal(301);
    expect(await ask('GET', path).catch((error: Error) => error.name)).to.equal('TypeError');
    expect((await ask('GET', path)).status).to.equal(206);
    wanted(staysSilent);
    const signal = AbortSignal.timeout(20);
    expect(await fetch(`${dss.url}${path}`, { signal }).catch((error: Error) => error.name)).to.equal('TimeoutError');
    expect(dss.faults.asked).to.deep.equal(Array(7).fill('GET /v1/bundles/all'));
  });

  it('buries versions, and whole bundles', async () => {
    const name = `/bundles/${uuid('b1')}?replica=aws`;
    const alive = async () => (await ask('GET', '/bundles/all?replica=aws&prefix=b1')).body.bundles.length;
    expect(await alive()).to.equal(2);
    expect((await ask('DELETE', `${name}&version=${later}`, { reason: 'wrong' }, ann)).status).to.equal(200);
    expect((await ask('DELETE', `${name}&version=${later}`, { reason: 'other' }, ann)).status).to.equal(409);
    expect([await alive(), (await ask('GET', name)).body.bundle.version]).to.deep.equal([1, version]);
    expect((await ask('DELETE', name, { reason: 'wrong' }, ann)).status).to.equal(200);
    expect([await alive(), (await ask('GET', name)).status]).to.deep.equal([0, 404]);
  });

  it('keeps subscriptions as they are put, each for its owner', async () => {
    const wanted = {
      es_query: { query: { match_all: {} } },
      callback_url: 'https://indexer.example/add',
      hmac_key_id: 'k',
    };
    const path = '/subscriptions?replica=aws&subscription_type=elasticsearch';
    const { status, body } = await ask('PUT', '/subscriptions?replica=aws', { ...wanted, hmac_secret_key: 's' }, ann);
    expect(status).to.equal(201);
    const own = { ...wanted, uuid: body.uuid, replica: 'aws', owner: ann.email };
    expect((await ask('GET', path, undefined, ann)).body).to.deep.equal({ subscriptions: [own] });
    expect((await ask('GET', path, undefined, bob)).body).to.deep.equal({ subscriptions: [] });
    const one = path.replace('?', `/${body.uuid}?`);
    expect((await ask('DELETE', one, undefined, bob)).status).to.equal(403);
    expect((await ask('PUT', '/subscriptions?replica=aws', { ...wanted, more: 1 }, ann)).body.code).to.equal(
      'illegal_arguments',
    );
    expect(
      (await ask('PUT', '/subscriptions?replica=aws', { ...wanted, es_query: { query: { none: {} } } }, ann)).status,
    ).to.equal(400);
    expect((await ask('DELETE', one, undefined, ann)).body.timeDeleted).to.match(/^\d{4}-.*Z$/);
    expect((await ask('GET', one, undefined, ann)).status).to.equal(404);
  });

  it('calls back who has subscribed, signed, and twice, late or never where a test wants that', async () => {
    const got: {
      path: string;
      payload: { match: object; event_type?: string };
      headers: IncomingHttpHeaders;
      body: Buffer;
    }[] = [];
    let refusals = 1;
    const listener = createServer(async (request, response) => {
      const body = await buffer(request);
      if (refusals-- > 0) return response.writeHead(503).end();
      got.push({ path: request.url ?? '', payload: JSON.parse(body.toString()), headers: request.headers, body });
      return response.end();
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const base = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    try {
      const secret = { hmac_secret_key: 'secret', hmac_key_id: 'key' };
      const must = { exists: { field: 'files.project_json' } };
      const dead = { term: { admin_deleted: true } };
      const queries = {
        add: { bool: { must: [must, { prefix: { uuid: 'd' } }], must_not: [dead] } },
        delete: { bool: { must: [dead] } },
      };
      for (const [path, query] of Object.entries(queries))
        await ask(
          'PUT',
          '/subscriptions?replica=aws',
          { es_query: { query }, callback_url: `${base}/${path}`, ...secret },
          ann,
        );
      await ask(
        'PUT',
        '/subscriptions?replica=aws',
        { callback_url: `${base}/event`, jmespath_query: "event_type=='TOMBSTONE'" },
        ann,
      );

      const name = { uuid: uuid('d1'), version };
      const match = { bundle_uuid: name.uuid, bundle_version: version };
      await deposit(dss, ann, name, filesOf(bundle, uuid('a0'), version));
      await until(() => got.length === 1);
      const [first] = got;
      expect([first?.path, first?.payload.match, first?.headers['x-dss-notify-attempt']]).to.deep.equal([
        '/add',
        match,
        '1',
      ]);
      const { date = '', digest, authorization } = first?.headers ?? {};
      const [subscription] = dss.subscriptions.all;
      if (subscription === undefined || first === undefined) throw new Error('There is none.');
      expect({ Date: date, Digest: digest, Authorization: authorization }).to.deep.equal(
        signatureOf(subscription, first.body, new Date(date)),
      );

      await deposit(dss, ann, { uuid: uuid('e1'), version }, files.slice(0, 2));
      dss.notifier.duplicates = 1;
      dss.notifier.hold();
      await ask('DELETE', `/bundles/${uuid('d1')}?replica=aws`, { reason: 'wrong' }, ann);
      await dss.notifier.release();
      expect(got.slice(1).map(({ path, payload }) => [path, payload.match, payload.event_type])).to.deep.equal([
        ['/event', match, 'TOMBSTONE'],
        ['/delete', match, undefined],
        ['/delete', match, undefined],
      ]);
      dss.notifier.lost = 2;
      await ask('DELETE', `/bundles/${uuid('e1')}?replica=aws`, { reason: 'wrong' }, ann);
      refusals = 100;
      await dss.notifications.purged(name);
      await ask('DELETE', `/bundles/${uuid('b2')}?replica=aws`, { reason: 'wrong' }, ann);
      await dss.notifier.idle();
      expect([got.length, dss.notifier.dead.map(({ status }) => status)]).to.deep.equal([4, [503, 503]]);
    } finally {
      listener.closeAllConnections();
      listener.close();
    }
  });
});

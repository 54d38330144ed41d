import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { LazuliError } from '../../../core/config/errors.ts';
import type { WantedCallbacks } from '../../../core/model/callbacks.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { StoreCallbacks } from '../../../plugins/repository/dss/callbacks.ts';
import { authorizeBy, usualAudience } from '../../../plugins/repository/dss/service-account.ts';
import { parseStoreSpec } from '../../../plugins/repository/dss/spec.ts';
import { type Account, newAccount, writeKeyFile } from '../../rigs/dss/accounts.ts';
import { call } from '../../rigs/dss/deposit.ts';
import { type Dss, startDss } from '../../rigs/dss/dss.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';
import { patient } from '../../signals.ts';

const uuid = 'a6a338fe-7554-4b5d-96a2-7df127a7640b';
const version = '2018-10-18T150431.370880Z';
const withColons = '2018-10-18T15:04:31.370880Z';
const parts = { replica: 'aws', requestsAtOnce: 4, clock: systemClock };
const callbacksOf = (...specs: readonly string[]) =>
  new StoreCallbacks({ ...parts, sources: specs.map(parseStoreSpec) });
const store = 'https://fake_dss_instance/v1:/2';

const match = { bundle_uuid: uuid, bundle_version: version };
const byQuery = { transaction_id: 't', subscription_id: 's', es_query: { query: {} }, match };
const byEvent = (event_type: string, dss_api = 'https://fake_dss_instance') => ({
  ...{ transaction_id: 't', subscription_id: 's', event_type, event_timestamp: version, dss_api, match },
  bundle_url: `${dss_api}/v1/bundles/${uuid}?version=${version}`,
});

describe('A callback of a data store', () => {
  const source = { id: '42848d8f-ecdc-5b32-a667-a7b5aedfc9f5', spec: store };
  const fqid = { source, uuid, version: withColons };

  it('names a bundle; source and notation of the version are those of the configuration', () => {
    const callbacks = callbacksOf(store);
    expect(callbacks.changeOf(byQuery, 'add')).to.deep.equal({ action: 'add', fqid });
    expect(callbacks.changeOf(byQuery, 'delete')).to.deep.equal({ action: 'delete', fqid });
    const written = { match: { bundle_uuid: uuid.toUpperCase(), bundle_version: withColons } };
    expect(callbacks.changeOf(written, 'add')).to.deep.equal({ action: 'add', fqid });
  });

  it('says what happened, if it is of the kind that does', () => {
    const actions = ['CREATE', 'TOMBSTONE', 'DELETE'].flatMap((event) =>
      (['add', 'delete'] as const).map((said) => callbacksOf(store).changeOf(byEvent(event), said)?.action),
    );
    expect(actions).to.deep.equal(['add', 'add', 'delete', 'delete', 'delete', 'delete']);
  });

  it('is about the source whose prefix the bundle has, or about none', () => {
    const callbacks = callbacksOf('https://fake_dss_instance/v1:a/1', 'https://fake_dss_instance/v1:b/1');
    expect(callbacks.changeOf(byQuery, 'add')?.fqid.source.spec).to.equal('https://fake_dss_instance/v1:a/1');
    const elsewhere = { match: { ...match, bundle_uuid: uuid.replace('a', 'c') } };
    expect(callbacks.changeOf(elsewhere, 'add')).to.equal(null);
    expect(callbacksOf().changeOf(byQuery, 'add')).to.equal(null);
  });

  it('of one of two stores has to say of which', () => {
    const callbacks = callbacksOf(store, 'https://other.example/v1:');
    const of = (event: object) => callbacks.changeOf({ ...event }, 'add')?.fqid.source.spec ?? null;
    expect(of(byEvent('CREATE'))).to.equal(store);
    expect(of(byEvent('CREATE', 'https://other.example'))).to.equal('https://other.example/v1:');
    expect(of(byEvent('CREATE', 'https://third.example'))).to.equal(null);
    expect(() => of(byQuery)).to.throw(/may be of 2 sources/);
  });

  const malformed: readonly [what: string, body: object][] = [
    ['nothing', {}],
    ['no match', { bundle_fqid: { uuid, version } }],
    ['a match that is none', { match: null }],
    ['no uuid', { match: { bundle_version: version } }],
    ['no version', { match: { bundle_uuid: uuid } }],
    ['a uuid that is none', { match: { ...match, bundle_uuid: 'a' } }],
    ['an empty version', { match: { ...match, bundle_version: '' } }],
    ['a version of five digits', { match: { ...match, bundle_version: '2018-10-18T150431.37088Z' } }],
    ['a version in another zone', { match: { ...match, bundle_version: '2018-10-18T150431.370880+01' } }],
    ['a version that is a number', { match: { ...match, bundle_version: 1 } }],
    ['an event that nobody knows', byEvent('UPDATE')],
  ];
  for (const [what, body] of malformed)
    it(`is refused with ${what}`, () => {
      expect(() => callbacksOf(store).changeOf({ ...body }, 'add'))
        .to.throw(LazuliError)
        .with.property('code', 'bad_request');
    });
});

describe('A service account', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-account-'));
  after(() => rmSync(folder, { recursive: true }));
  const ann = newAccount('ann');
  const file = writeKeyFile(join(folder, 'key.json'), ann);

  it('makes tokens of its key, anew before they expire, and in the time of the store where that refuses one', async () => {
    let now = Date.parse('2026-11-30T12:00:00Z');
    const authorize = authorizeBy({ file, audience: usualAudience, clock: { now: () => now } });
    const [first = '', again] = [await authorize(), await authorize()];
    const claims = decodeJwt(first.slice('Bearer '.length));
    const { email } = ann;
    expect(claims).to.deep.include({ iss: email, sub: email, email, aud: usualAudience, iat: now / 1000 });
    expect([claims.exp, claims['https://auth.data.humancellatlas.org/group']]).to.deep.equal([
      now / 1000 + 3600,
      'hca',
    ]);
    expect(decodeProtectedHeader(first.slice('Bearer '.length))).to.include({ alg: 'RS256', kid: ann.keyId });
    expect(again).to.equal(first);
    now += 3_591_000;
    expect(await authorize()).not.to.equal(first);
    const headers = new Headers({ date: new Date(now + 7_200_000).toUTCString() });
    const later = await authorize({ url: '', status: 401, headers, bytes: new Uint8Array() });
    expect(decodeJwt(later.slice('Bearer '.length)).iat).to.equal(now / 1000 + 7200);
    expect(await authorize()).to.equal(later);
  });

  it('whose key file can not be used is a mistake of the configuration, and the key is not shown', async () => {
    const key = JSON.parse(readFileSync(file, 'utf8'));
    const wrong = [{ ...key, private_key: 'geheim' }, { ...key, client_email: undefined }, []];
    for (const [i, content] of wrong.entries()) {
      const path = join(folder, `${i}.json`);
      writeFileSync(path, JSON.stringify(content));
      const outcome = await authorizeBy({ file: path, audience: usualAudience, clock: systemClock })().catch((e) => e);
      expect(outcome).to.have.property('code', 'configuration_invalid');
      expect(`${outcome.message} ${outcome.stack}`).not.to.include('geheim');
    }
  });
});

describe('Subscriptions at a data store', () => {
  const cloud = useCloud();
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-subscribing-'));
  let dss: Dss;
  let ann: Account;
  let file: string;
  before(async () => {
    dss = await startDss(cloud(), { name: 'subscriptions' });
    ann = dss.accounts.add(newAccount('ann'));
    file = writeKeyFile(join(folder, 'ann.json'), ann);
  });
  after(async () => {
    await dss?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const base = 'http://indexer.example';
  const wantedBy = (keyId: string, actions: readonly ('add' | 'delete')[] = ['add', 'delete']): WantedCallbacks => ({
    callbacks: actions.map((action) => ({
      action,
      url: `${base}/hca/${action}`,
      keyId,
      secret: `secret of ${action}`,
    })),
    isOurs: (url) => url.startsWith(`${base}/`),
  });
  const subscribing = (spec: string, key = file) => {
    const authorize = authorizeBy({ file: key, audience: usualAudience, clock: systemClock });
    return new StoreCallbacks({ ...parts, sources: [parseStoreSpec(spec)], authorize });
  };
  async function reconcile(wanted: WantedCallbacks, spec = `${dss.url}:`) {
    const changes = await subscribing(spec).subscriptions(wanted, patient);
    const there: number[] = [];
    for (const change of changes) {
      await change.apply(patient);
      there.push(dss.subscriptions.all.length);
    }
    return { changes: changes.map(({ change, url }) => `${change} ${url.slice(base.length)}`), there };
  }
  const stored = () => dss.subscriptions.all.map(({ uuid: _u, owner: _o, ...rest }) => rest);
  const dead = { term: { admin_deleted: true } };

  it('are two, made once, and replaced when key or prefix change: the new ones first', async () => {
    const foreign = { callback_url: 'http://elsewhere.example/hca/add', es_query: { query: { match_all: {} } } };
    await call(dss, ann, 'PUT', '/subscriptions?replica=aws', foreign);
    expect(await reconcile(wantedBy('one'))).to.deep.equal({
      changes: ['created /hca/add', 'created /hca/delete'],
      there: [2, 3],
    });
    const living = { must_not: [dead], must: [{ exists: { field: 'files.project_json' } }] };
    const rest = { replica: 'aws', hmac_key_id: 'one' };
    expect(stored().slice(1)).to.deep.equal([
      {
        ...rest,
        es_query: { query: { bool: living } },
        callback_url: `${base}/hca/add`,
        hmac_secret_key: 'secret of add',
      },
      {
        ...rest,
        es_query: { query: { bool: { must: [dead] } } },
        callback_url: `${base}/hca/delete`,
        hmac_secret_key: 'secret of delete',
      },
    ]);
    const before = dss.subscriptions.all;
    expect((await reconcile(wantedBy('one'))).changes).to.deep.equal(['kept /hca/add', 'kept /hca/delete']);
    expect(dss.subscriptions.all).to.deep.equal(before);
    expect(await reconcile(wantedBy('two'))).to.deep.equal({
      changes: ['created /hca/add', 'created /hca/delete', 'deleted /hca/add', 'deleted /hca/delete'],
      there: [4, 5, 4, 3],
    });
    expect((await reconcile(wantedBy('two'), `${dss.url}:a/1`)).changes.length).to.equal(4);
    expect(stored().at(-1)?.es_query).to.deep.equal({ query: { bool: { must: [dead, { prefix: { uuid: 'a' } }] } } });
    const [, one] = dss.subscriptions.all;
    const { uuid: _u, owner: _o, replica: _r, ...again } = one ?? { uuid: '', owner: '', replica: '' };
    await call(dss, ann, 'PUT', '/subscriptions?replica=aws', { ...again, method: 'POST' });
    expect((await reconcile(wantedBy('two'), `${dss.url}:a/1`)).changes).to.deep.equal([
      ...['kept /hca/add', 'kept /hca/delete', 'deleted /hca/add'],
    ]);
    expect((await reconcile(wantedBy('two', []))).changes).to.deep.equal(['deleted /hca/add', 'deleted /hca/delete']);
    expect(stored().map(({ callback_url }) => callback_url)).to.deep.equal([foreign.callback_url]);
  });

  it('are refused, with what to do, to whom the store does not know', async () => {
    const stranger = writeKeyFile(join(folder, 'bob.json'), newAccount('bob', 'elsewhere'));
    const codeOf = (asking: Promise<unknown>) => asking.catch((error: LazuliError) => error.code);
    expect(await codeOf(subscribing(`${dss.url}:`, stranger).subscriptions(wantedBy('one'), patient))).to.equal(
      'forbidden',
    );
    expect(await codeOf(callbacksOf(`${dss.url}:`).subscriptions(wantedBy('one'), patient))).to.equal(
      'configuration_invalid',
    );
  });
});

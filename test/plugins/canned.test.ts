import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Repository } from '../../core/model/repository.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { shared } from '../rigs/shared.ts';
import { patient } from '../signals.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const version = '2020-01-01T00:00:00.000000Z';
const source = { id: 'source-1', spec: 'https://example.org/v1:/2' };
const secret = { id: 'source-2', spec: 'https://example.org/secret:/0' };

describe('the canned repository', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-canned-'));
    mkdirSync(join(folder, 'bundles'));
    writeFileSync(join(folder, 'bundles', 'one.json'), '{"n":1}');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(index: unknown): void {
    writeFileSync(join(folder, 'bundles.json'), typeof index === 'string' ? index : JSON.stringify(index));
  }

  const open = (sources: readonly string[] = []): Promise<Repository> =>
    canned.open({ folder: join(folder, 'bundles', '..') }, sources);
  const one = { file: 'bundles/one.json', uuid: uuid(1).toUpperCase(), version };

  it('fetches a bundle with the domain of its data files', async () => {
    write({ catalog: 'hca', source, drs_domain: 'drs.example', bundles: [one] });
    const { bytes, attributes } = await (await open()).fetchBundle({ source, uuid: uuid(1), version }, 100, patient);
    expect([Buffer.from(bytes).toString(), attributes]).to.deep.equal(['{"n":1}', { drs_domain: 'drs.example' }]);
  });

  it('lists bundles of a source by prefix', async () => {
    const other = { file: 'x', uuid: 'abcdef00-0000-4000-8000-000000000000', version };
    write({ source, sources: [secret], bundles: [one, other, { ...other, source: 'source-2' }] });
    const repository = await open();
    expect(await list(repository, source, '')).to.deep.equal([
      { source, uuid: uuid(1), version },
      { source, uuid: other.uuid, version },
    ]);
    expect(await list(repository, source, 'ab')).to.deep.equal([{ source, uuid: other.uuid, version }]);
    expect(await list(repository, secret, '')).to.deep.equal([{ source: secret, uuid: other.uuid, version }]);
  });

  it('shows the sources that the catalog has configured, and to callers those that they may see', async () => {
    const readers = ['ann'];
    const third = { id: 'source-3', spec: 'third:' };
    write({ source, sources: [{ ...secret, public: false, readers }, third], bundles: [] });
    const repository = await open([source.spec, 'https://example.org/secret:']);
    expect(await repository.listSources(patient)).to.deep.equal([source, secret]);
    expect([...(await repository.accessibleSources({ subject: null }, patient))]).to.deep.equal(['source-1']);
    expect([...(await repository.accessibleSources({ subject: 'bob' }, patient))]).to.deep.equal(['source-1']);
    expect([...(await repository.accessibleSources({ subject: 'ann' }, patient))]).to.deep.equal([
      'source-1',
      'source-2',
    ]);
  });

  it('takes a source that names its readers for theirs alone, unless it says that it is public', async () => {
    const ids = ['ann', 'nobody', 'all'];
    const [ann, nobody, all] = ids.map((id) => ({ id, spec: `${id}:` }));
    const restricted = [
      { ...ann, readers: ['ann'] },
      { ...nobody, readers: [] },
      { ...all, readers: [], public: true },
    ];
    write({ source: ann, sources: restricted, bundles: [{ ...one, source: nobody }] });
    const repository = await open();
    expect([...(await repository.accessibleSources({ subject: null }, patient))]).to.deep.equal(['all']);
    expect([...(await repository.accessibleSources({ subject: 'ann' }, patient))]).to.deep.equal(['ann', 'all']);
  });

  it("refuses a source that is listed twice, whose readers would be anybody's guess", async () => {
    write({ sources: [secret, { ...secret, readers: ['ann'] }], bundles: [] });
    expect(await open().catch((error: Error) => error)).to.include({ code: 'configuration_invalid' });
  });

  it('sees bundles that appear while it is open', async () => {
    write({ source, bundles: [] });
    const repository = await open();
    expect(await failure(repository, 1)).to.equal('bundle_missing');
    write({ source, bundles: [one] });
    expect(await failure(repository, 1)).to.equal(null);
    write('{"bundles": [');
    expect(await failure(repository, 1), 'half-way through being written').to.equal('repository_unavailable');
    write({ source, bundles: [one] });
    utimesSync(join(folder, 'bundles.json'), 1, 1);
    expect(await failure(repository, 1)).to.equal(null);
  });

  it('ends what nobody waits for any more, and reads on for others', async () => {
    write({ source, bundles: [one, { ...one, uuid: uuid(2) }] });
    const repository = await open();
    const signal = AbortSignal.abort(new Error('gone'));
    const of = { source, uuid: uuid(1), version };
    const asked: readonly (() => Promise<unknown>)[] = [
      () => repository.listSources(signal),
      () => list(repository, source, '', signal),
      () => repository.fetchBundle(of, 100, signal),
      () => repository.accessibleSources({ subject: null }, signal),
      async () => repository.listPortals?.(signal),
    ];
    for (const ask of asked) expect(await ask().catch((error: Error) => error.message)).to.equal('gone');

    const leaving = new AbortController();
    utimesSync(join(folder, 'bundles.json'), 1, 1);
    const [left, stays] = [repository.listSources(leaving.signal), repository.listSources(patient)];
    leaving.abort(new Error('left'));
    expect(await left.catch((error: Error) => error.message)).to.equal('left');
    expect(await stays).to.deep.equal([source]);
  });

  it('ends a list between two bundles', async () => {
    write({ source, bundles: [one, { ...one, uuid: uuid(2) }] });
    const leaving = new AbortController();
    const listed: string[] = [];
    const error = await (async () => {
      for await (const { uuid } of (await open()).listBundles(source, '', leaving.signal)) {
        listed.push(uuid);
        leaving.abort(new Error('enough'));
      }
    })().catch((thrown: Error) => thrown);
    expect([listed, error?.message]).to.deep.equal([[uuid(1)], 'enough']);
  });

  it('refuses to leave its folder, and tells what is missing or too large', async () => {
    symlinkSync(tmpdir(), join(folder, 'way-out'));
    writeFileSync(join(folder, 'large.json'), 'x'.repeat(101));
    const files = ['../x', '/etc/passwd', 'way-out/..', 'none.json', '.', 'large.json', 'bundles'];
    write({ source, bundles: files.map((file, n) => ({ file, uuid: uuid(n), version })) });
    const repository = await open();
    const codes = await Promise.all(files.map((_, n) => failure(repository, n)));
    const missing = 'bundle_missing';
    expect(codes).to.deep.equal([missing, missing, missing, missing, missing, 'bundle_too_large', missing]);
  });

  it('refuses bundles of a source that the catalog does not have', async () => {
    write({ source, bundles: [one] });
    expect(await failure(await open(['https://example.org/v1:/2']), 1)).to.equal(null);
    expect(await failure(await open(['https://example.org/v1:']), 1)).to.equal(null);
    expect(await failure(await open(['https://example.org/v1:/3']), 1)).to.equal('bundle_missing');
  });

  it('tells which portals there are for the sources of the catalog', async () => {
    write({ source, sources: [secret], bundles: [] });
    const repository = await open([source.spec]);
    expect(await repository.listPortals?.(patient)).to.deep.equal([]);
    const kind = { integration_type: 'get', entity_type: 'project' };
    const portal = (...integrations: object[]) => [{ portal_id: 'p', integrations }];
    const given = portal(
      { ...kind, title: 'all' },
      { ...kind, entity_ids: ['x'] },
      { ...kind, entity_ids: { [source.id]: ['a'], [source.spec]: ['a', 'b'], [secret.id]: ['c'] } },
      { ...kind, entity_ids: { [secret.id]: ['c'], other: ['d'] } },
    );
    const file = join(folder, 'portals.json');
    writeFileSync(file, JSON.stringify(given));
    const expected = portal(
      { ...kind, title: 'all' },
      { ...kind, entity_ids: ['x'] },
      { ...kind, entity_ids: ['a', 'b'] },
    );
    expect(await repository.listPortals?.(patient)).to.deep.equal(expected);
    const noText = Buffer.from(JSON.stringify(portal({ ...kind, title: 'façade' })), 'latin1');
    for (const broken of ['{', '[{"integrations": 1}]', ' '.repeat(9 * 2 ** 20), noText]) {
      writeFileSync(file, broken);
      const error = await repository.listPortals?.(patient).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'repository_unavailable' });
      expect((error as Error).message).to.include('portals.json');
    }
  });

  const invalid: readonly [what: string, index: unknown, message: RegExp][] = [
    ['no JSON', '{', /bundles\.json is no JSON/],
    ['a name twice', '{"bundles": [{"uuid": "x", "uuid": "y"}]}', /it has two members \/bundles\/0\/uuid/],
    ['no bundles', { source }, /bundles/],
    ['a malformed uuid', { source, bundles: [{ ...one, uuid: 'x' }] }, /must be a UUID[\s\S]*bundles\[0\]\.uuid/],
    ['no source', { bundles: [one] }, /bundles\.0\.source is missing/],
    ['an unknown source', { source, bundles: [{ ...one, source: 'x' }] }, /no source has the id x/],
    ['a source with two specs', { source, bundles: [{ ...one, source: { ...source, spec: 'y:' } }] }, /is known as/],
    ['the same bundle twice', { source, bundles: [one, one] }, /is there twice/],
  ];
  for (const [what, index, message] of invalid) {
    it(`refuses to open with ${what}`, async () => {
      write(index);
      const error = await open().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(LazuliError).with.property('code', 'configuration_invalid');
      expect((error as LazuliError).message).to.match(message);
    });
  }

  it('refuses to open without a folder or an index', async () => {
    for (const options of [{}, { folder: 'relative' }, { folder, colour: 'red' }, { folder: join(folder, 'none') }]) {
      const error = await canned.open(options, []).catch((thrown: unknown) => thrown);
      expect(error, JSON.stringify(options)).to.have.property('code', 'configuration_invalid');
    }
  });

  it('opens the real samples', async function () {
    const samples = shared(this, 'samples/hca');
    const repository = await canned.open({ folder: samples }, ['https://fake_dss_instance/v1:/2']);
    const [only, ...others] = await repository.listSources(patient);
    if (only === undefined) throw new Error('there is no source');
    expect([only.id, others]).to.deep.equal(['42848d8f-ecdc-5b32-a667-a7b5aedfc9f5', []]);
    const bundles = await list(repository, only, '');
    expect(bundles.length).to.equal(readdirSync(samples).filter((name) => name.endsWith('.hca.json')).length);
    for (const fqid of bundles) {
      const { bytes, attributes } = await repository.fetchBundle(fqid, 2 ** 24, patient);
      expect(Object.keys(JSON.parse(Buffer.from(bytes).toString('utf8')))).to.include('metadata');
      expect(attributes).to.deep.equal({ drs_domain: 'mock_drs_domain.lan' });
    }
  });

  async function failure(repository: Repository, n: number): Promise<string | null> {
    return repository.fetchBundle({ source, uuid: uuid(n), version }, 100, patient).then(
      () => null,
      (error: LazuliError) => error.code,
    );
  }
});

async function list(repository: Repository, of: BundleFqid['source'], prefix: string, signal = patient) {
  const found: BundleFqid[] = [];
  for await (const fqid of repository.listBundles(of, prefix, signal)) found.push(fqid);
  return found;
}

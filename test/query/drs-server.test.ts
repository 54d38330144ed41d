import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Document } from '../../core/model/metadata.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { type File, thing, things } from '../exports/formats/things.ts';
import { type Conformance, conformanceTo } from '../rigs/http/conformance.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';

const version = '2024-01-01T00:00:00.000000Z';
const source = (id: string) => ({ id, spec: `things:${id}:` });
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const bundle = { uuid: 'bundle', version: '2025-01-01T00:00:00.000000Z' };
const file = (uuid: string, more: File, of = 'a') =>
  thing(
    { document_id: uuid, uuid, version, ...more },
    { sources: [source(of)], bundles: [bundle] },
  ) as unknown as Document;

const documents = [
  file('one', { name: 'b.txt', size: 3, sha256: sha('one') }),
  file('two', { name: 'a/b.txt', size: 5, sha256: sha('other').toUpperCase(), drs_uri: null }),
  file('elsewhere', { name: 'b.txt', size: 1, sha256: sha('x'), drs_uri: 'drs://other.example/e' }),
  file('hidden', { name: 'b.txt', size: 3, sha256: sha('one') }, 'b'),
];

describe('The DRS server', () => {
  let service: Service;
  let conforms: Conformance;
  const folder = temporaryFolder();
  before(async () => {
    const { path } = await folder;
    const sources = [{ ...source('b'), public: false }];
    writeFileSync(join(path, 'bundles.json'), JSON.stringify({ source: source('a'), sources, bundles: [] }));
    mkdirSync(join(path, 'data', 'a'), { recursive: true });
    writeFileSync(join(path, 'data', 'b.txt'), 'one');
    writeFileSync(join(path, 'data', 'a', 'b.txt'), 'other');
    const repository = await canned.open({ folder: path }, []);
    service = await startService({ plugin: things, documents: { files: documents }, repository });
    conforms = conformanceTo((await service.get('/openapi')).body);
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    await (await folder)[Symbol.asyncDispose]();
  });

  const send = async (method: string, path: string, body?: string) => {
    const answer = await service.send(method, path, body);
    expect(conforms({ method, path, ...answer }), JSON.stringify(answer.body)).to.equal(undefined);
    return answer;
  };
  const drs = (path: string, method = 'GET', body?: string) => send(method, `/ga4gh/drs/v1${path}`, body);
  const self = (id: string, query = '') => `drs://${new URL(service.url).host}/${id}${query}`;

  it('describes files that this deployment has, and leads to their bytes', async () => {
    const described = await drs('/objects/two');
    expect([described.status, described.body]).to.deep.equal([
      200,
      {
        ...{ id: 'two', name: 'a_b.txt', self_uri: self('two'), size: 5, created_time: version, version },
        checksums: [{ type: 'sha-256', checksum: sha('other') }],
        access_methods: [{ type: 'https', access_id: 'https' }],
      },
    ]);
    const asked = `?version=${encodeURIComponent(version)}`;
    expect((await drs(`/objects/one${asked}`)).body.self_uri).to.equal(self('one', asked));
    const { url } = (await drs('/objects/two/access/https')).body;
    expect(await (await fetch(url)).text()).to.equal('other');
    expect((await drs('/objects/two/access/gs')).body).to.include({ status_code: 400 });
  });

  it('describes bundles by their files, wherever these are', async () => {
    const { body } = await drs('/objects/bundle?expand=True');
    const sums = [sha('one'), sha('other'), sha('x')].sort().join('');
    expect(body).to.deep.equal({
      ...{ id: 'bundle', name: 'bundle', self_uri: self('bundle'), size: 9, version: bundle.version },
      created_time: bundle.version,
      checksums: [{ type: 'sha-256', checksum: sha(sums) }],
      contents: [
        { name: 'a_b.txt', id: 'two', drs_uri: [self('two', `?version=${encodeURIComponent(version)}`)] },
        { name: 'b.txt', id: 'elsewhere', drs_uri: ['drs://other.example/e'] },
        { name: '1_b.txt', id: 'one', drs_uri: ['drs://x/1'] },
      ],
    });
    expect((await drs('/objects/bundle?version=1')).status).to.equal(404);
  });

  it('knows nothing that the caller may not see, or that another server has', async () => {
    for (const id of ['hidden', 'elsewhere', 'none', 'one?version=1', 'none/access/https']) {
      const { status, body } = await drs(`/objects/${id}`);
      expect([status, body.status_code, typeof body.msg], id).to.deep.equal([404, 404, 'string']);
    }
  });

  it('says how to authorize, and answers several questions at once', async () => {
    expect((await drs('/objects/one', 'OPTIONS')).body).to.deep.equal({
      ...{ drs_object_id: 'one', supported_types: ['None', 'BearerAuth'] },
    });
    const { body } = await drs(
      '/objects',
      'POST',
      JSON.stringify({ bulk_object_ids: ['one', 'none', 'bundle', 'hidden'] }),
    );
    expect(body.summary).to.deep.equal({ requested: 4, resolved: 2, unresolved: 2 });
    expect(body.resolved_drs_object.map(({ id }: { id: string }) => id)).to.deep.equal(['one', 'bundle']);
    expect(body.unresolved_drs_objects).to.deep.equal([{ error_code: 404, object_ids: ['none', 'hidden'] }]);
    expect((await drs('/objects', 'POST', '{"bulk_object_ids":[]}')).status).to.equal(400);
    const info = (await drs('/service-info')).body;
    expect(info.type).to.deep.equal({ group: 'org.ga4gh', artifact: 'drs', version: '1.2.0' });
  });

  it('has beside it a list of files by checksum', async () => {
    const path = `/repository/files?sha256=${sha('one').toUpperCase()}`;
    const url = `${service.url}/repository/files/one?catalog=plants&version=${encodeURIComponent(version)}`;
    expect((await send('GET', path)).body).to.deep.equal({
      files: [{ uuid: 'one', version, name: 'b.txt', size: 3, sha256: sha('one'), drs_uri: 'drs://x/1', url }],
    });
    expect((await send('GET', `/repository/files?sha256=${sha('other')}`)).body.files[0].uuid).to.equal('two');
    expect((await send('GET', `/repository/files?sha256=${sha('none')}`)).body).to.deep.equal({ files: [] });
    for (const query of ['', '?sha256=abc'])
      expect((await send('GET', `/repository/files${query}`)).status).to.equal(400);
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Tokens } from '../../core/exports/tokens.ts';
import type { Document, MetadataPlugin } from '../../core/model/metadata.ts';
import type { FilePlace, Repository } from '../../core/model/repository.ts';
import { type File, thing, things } from '../exports/formats/things.ts';
import { type Conformance, conformanceTo } from '../rigs/http/conformance.ts';
import { type Service, startService } from '../rigs/service/harness.ts';

const file = (id: string, more: File = {}, source = 'a') =>
  thing({ document_id: id, ...more }, { sources: [{ id: source, spec: `things:${source}:` }] }) as unknown as Document;

const related = {
  document_id: 'r',
  name: 'z.zarr/cells/0',
  size: 3,
  uuid: 'part',
  version: '2',
  drs_uri: 'drs://z/part',
};
const documents = {
  files: [
    file('one', { size: 5 }),
    ...['2', '10', '9'].map((version) => file(`several ${version}`, { uuid: 'several', version, name: 'ä/b.txt' })),
    file('hidden', {}, 'b'),
    file('nowhere', { drs_uri: null }),
    file('whole', { name: 'z.zarr/.zattrs', others: [related] }),
  ],
};

describe('Downloads', () => {
  let service: Service;
  /** knows one object, and gives it to who brings a credential */
  let drs: Server;
  let drsHost: string;
  let conforms: Conformance;
  /** by UUID */
  const places = new Map<string, FilePlace>();
  const [located, logged, slept]: [string[], unknown[], number[]] = [[], [], []];
  /** in whose name the repository was asked */
  const askers: (string | null)[] = [];
  let now = 1_700_000_000_000;
  before(async () => {
    const repository = {
      listSources: async () => [{ id: 'a', spec: 'things:a:' }],
      accessibleSources: async () => new Set(['a']),
      locateFile: async ({ uuid, version, drsUri }, { subject }) => {
        located.push(`${uuid} ${version} ${drsUri}`);
        askers.push(subject);
        return places.get(uuid) ?? null;
      },
    } as Partial<Repository> as Repository;
    const clock = {
      now: () => now,
      sleep: async (millis: number) => {
        slept.push(millis);
      },
    };
    const log = (fields: object) => logged.push(fields);
    drs = createServer(({ url, headers: { authorization } }, response) => {
      const isKnown = url === '/ga4gh/drs/v1/objects/it';
      response.statusCode = isKnown ? (authorization === 'Bearer t' ? 200 : 401) : 404;
      response.end('{"access_methods":[{"type":"https","access_url":{"url":"https://data.example/drs"}}]}');
    });
    await new Promise<void>((done) => drs.listen(0, '127.0.0.1', done));
    drsHost = `127.0.0.1:${(drs.address() as AddressInfo).port}`;
    service = await startService({
      ...{ plugin: things as MetadataPlugin, documents, repository },
      drs: { hosts: { [drsHost]: { private: true, plain: true, credentials: true } } },
      deps: {
        links: async () => ({ tokens: new Tokens(Buffer.alloc(32, 7), 'test'), clock }),
        logger: { info: log, warn: log, error: log },
      },
    });
    conforms = conformanceTo((await service.get('/openapi')).body);
  });
  after(async () => {
    drs.close();
    await service[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    places.clear();
    for (const list of [located, logged, slept, askers]) list.length = 0;
  });

  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await service.get(path, headers);
    const conformance = conforms({ method: 'GET', path, ...answer });
    expect(conformance, JSON.stringify(answer.body)).to.equal(undefined);
    const [location, wait] = ['Location', 'Retry-After'].map((name) => answer.headers.get(name));
    return { ...answer, location, wait };
  };
  const elsewhere = (url = 'https://data.example/it?X-Signature=abc'): FilePlace => ({ kind: 'url', url });

  it('lead to the file, for scripts too, and tell the log without the URL', async () => {
    places.set('one', elsewhere());
    const plain = await get('/repository/files/one?version=1&catalog=plants', { 'User-Agent': 'curl/8' });
    expect([plain.status, plain.location, plain.body]).to.deep.equal([
      302,
      'https://data.example/it?X-Signature=abc',
      '',
    ]);
    const scripted = await get('/fetch/repository/files/one');
    expect([scripted.status, scripted.body]).to.deep.equal([
      200,
      { Status: 302, Location: 'https://data.example/it?X-Signature=abc' },
    ]);
    const lines = logged.filter((line) => Object.hasOwn(line as object, 'download')) as { download: object }[];
    expect(lines.map(({ download }) => download)).to.deep.include({
      ...{ catalog: 'plants', uuid: 'one', version: '1', name: 'a.txt', fetch: false, drs: false, range: '' },
      ...{ host: service.url.slice('http://'.length), agent: 'curl/8', address: '127.0.0.1' },
    });
    expect(lines.length).to.equal(2);
    expect(JSON.stringify(logged)).to.not.match(/abc/);
  });

  it('are asked for in the name of who wants them', async () => {
    places.set('one', elsewhere());
    await get('/repository/files/one');
    await get('/fetch/repository/files/one', { Authorization: 'Bearer ann' });
    await get('/ga4gh/drs/v1/objects/one/access/https', { Authorization: 'Bearer bob' });
    expect(askers).to.deep.equal([null, 'Bearer ann', 'Bearer bob']);
  });

  it('are of the newest version by the order of versions where none is named', async () => {
    places.set('several', elsewhere());
    for (const version of ['', '?version=10', '?version=2']) await get(`/repository/files/several${version}`);
    expect(located).to.deep.equal(['several 9 drs://x/1', 'several 10 drs://x/1', 'several 2 drs://x/1']);
  });

  it('are refused with what the established system says', async () => {
    const refusals: readonly (readonly [string, number, string])[] = [
      ['none', 404, "Unable to find file 'none', version None in catalog 'plants'"],
      ['one?version=7', 404, "Unable to find file 'one', version '7' in catalog 'plants'"],
      ['hidden', 404, "Unable to find file 'hidden', version None in catalog 'plants'"],
      [
        'part?requestIndex=1&version=2&fileName=q.zarr%2F0',
        404,
        "Unable to find file 'part', version '2' in catalog 'plants'",
      ],
      [
        'nowhere',
        404,
        "File 'nowhere' with version '1' was found in catalog 'plants', however no download is currently available",
      ],
    ];
    for (const path of ['/repository/files/', '/fetch/repository/files/'])
      for (const [asked, status, message] of refusals) {
        const answer = await get(`${path}${asked}`);
        expect([answer.status, answer.body]).to.deep.equal([status, { Code: 'NotFoundError', Message: message }]);
      }
    for (const parameter of ['wait=2', 'replica=azure', 'requestIndex=x', 'version=', `version=${'1'.repeat(129)}`]) {
      const { status, body } = await get(`/repository/files/one?${parameter}`);
      expect([status, body.Code]).to.deep.equal([400, 'BadRequestError']);
      expect(body.Message).to.include(`Invalid value for \`${parameter.split('=')[0]}\``);
    }
    expect((await get('/repository/files/one?token=x')).body.Message).to.match(/^Invalid token/);
  });

  it('end with nothing for who has the whole file, and ignore other ranges', async () => {
    places.set('one', elsewhere());
    const whole = await get('/repository/files/one', { Range: 'bytes=5-' });
    expect([whole.status, whole.headers.get('Content-Length'), whole.body]).to.deep.equal([206, '0', '']);
    const scripted = await get('/fetch/repository/files/one', { Range: 'bytes=5-' });
    expect(scripted.body).to.deep.equal({ Status: 206, 'Content-Length': 0 });
    for (const Range of ['bytes=4-', 'bytes=6-', 'bytes=5-9', 'bytes=-5', 'bytes=0-1,5-', 'rows=5-'])
      expect((await get('/repository/files/one', { Range })).status, Range).to.equal(302);
    for (const Range of ['5-', 'bytes=a-', 'bytes=-', 'bytes=1', 'bytes=1-2,']) {
      const { status, body } = await get('/repository/files/one', { Range });
      expect([status, body.Message.split('. ')[0]]).to.deep.equal([400, `Invalid range specifier '${Range}'`]);
    }
  });

  it('wait for a file that is not ready, step by step, and ask who waits again', async () => {
    places.set('one', { kind: 'later', seconds: 4 });
    let path = '/repository/files/one?fileName=b.txt';
    const waits = [];
    for (let i = 0; i < 8; i++) {
      const { status, location, wait } = await get(path);
      expect(status).to.equal(301);
      path = String(location).slice(service.url.length);
      expect(path)
        .to.match(/^\/repository\/files\/one\?/)
        .and.include(`requestIndex=${i + 1}`);
      waits.push(wait);
    }
    expect(waits).to.deep.equal(['1', '1', '1', '2', '2', '3', '4', '4']);
    const held = await get('/fetch/repository/files/one?wait=1');
    expect([held.body.Status, held.body['Retry-After'], slept]).to.deep.equal([301, undefined, [1000]]);
    expect(held.body.Location).to.include('/fetch/repository/files/one?').and.include('wait=1');
    // What was signed is about this file, and only for a while.
    expect((await get(path.replace('files/one', 'files/several').replace('version=1', 'version=9'))).status).to.equal(
      400,
    );
    now += 61 * 60 * 1000;
    expect((await get(path)).status).to.equal(400);
    now -= 61 * 60 * 1000;
    places.set('one', elsewhere());
    expect((await get(path)).status).to.equal(302);
  });

  it('find the related files that lists for curl name, whatever else these say', async () => {
    places.set('part', elsewhere());
    const named =
      '/repository/files/part?version=2&requestIndex=1&fileName=z.zarr%2Fcells%2F0&drsUri=drs%3A%2F%2Fevil%2F1';
    expect((await get(named)).status).to.equal(302);
    expect(located).to.deep.equal(['part 2 drs://z/part']);
    expect((await get(named.replace('requestIndex=1', 'requestIndex=0'))).status).to.equal(404);
  });

  it('are where DRS servers say that the catalog lists, which get the credential of the caller', async () => {
    const asked = async (uri: string, headers = {}) => {
      places.set('one', { kind: 'drs', uri });
      const { status, location, body } = await get('/repository/files/one', headers);
      return [status, location ?? body.Code];
    };
    const Authorization = 'Bearer t';
    expect(await asked(`drs://${drsHost}/it`, { Authorization })).to.deep.equal([302, 'https://data.example/drs']);
    expect(await asked(`drs://${drsHost}/it`)).to.deep.equal([403, 'ForbiddenError']);
    expect(await asked(`drs://${drsHost}/other`)).to.deep.equal([404, 'NotFoundError']);
    expect(await asked('drs://other.example/it', { Authorization })).to.deep.equal([502, 'BadGatewayError']);
  });
});

import { request as httpRequest } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { expect } from 'chai';
import { anonymous } from '../../plugins/authentication/anonymous/plugin.ts';
import { expedition, herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';

const documents = {
  sheets: [1, 2, 3].map((i) => sheet(i, { title: `t${i}` })),
  expeditions: [expedition(4, { country: 'Chile' })],
};

describe('the service', () => {
  let service: Service;
  before(async () => {
    service = await startService({
      plugin: herbarium,
      documents,
      deps: {
        identify: (await anonymous.open({})).identify,
        checks: { elasticsearch: async () => ({ up: true }), queues: async () => ({ up: false }) },
      },
    });
  });
  after(() => service[Symbol.asyncDispose]());

  it('lists catalogs', async () => {
    expect((await service.get('/index/catalogs')).body).to.deep.equal({
      default_catalog: 'plants',
      catalogs: {
        plants: {
          internal: false,
          atlas: 'herbarium',
          plugins: {
            metadata: {
              name: 'herbarium',
              indices: {
                sheets: { default_sort: 'title', default_order: 'asc' },
                expeditions: { default_sort: 'entryId', default_order: 'desc' },
              },
            },
            repository: { name: 'none', sources: ['herbarium:a:', 'herbarium:b:'] },
          },
        },
      },
    });
  });

  it('presents hits through the plug-in, without members of the index alone', async () => {
    const [first] = (await service.get('/index/sheets')).body.hits;
    expect(first).to.deep.equal({
      entityType: 'sheets',
      catalog: 'plants',
      baseUrl: service.url,
      ...documents.sheets[0],
    });
    const { bundles, ...expected } = documents.expeditions[0] ?? {};
    expect(bundles).to.have.length(1);
    expect((await service.get('/index/expeditions')).body.hits[0]).to.deep.include(expected);
    expect((await service.get('/index/expeditions')).body.hits[0]).not.to.have.property('bundles');
  });

  it('finds one entity, which is the hit of the list', async () => {
    const { body } = await service.get(`/index/sheets/${idOf(2)}`);
    expect(body).to.deep.equal((await service.get('/index/sheets')).body.hits[1]);
    expect((await service.get(`/index/sheets/${idOf(9)}`)).status).to.equal(404);
    expect((await service.get(`/index/sheets/${idOf(4)}`)).status).to.equal(404);
    expect((await service.get(`/index/sheets/${idOf(2)}${withFilters({ title: { is: ['t1'] } })}`)).status).to.equal(
      404,
    );
  });

  it('answers a POST as the GET with the same parameters', async () => {
    const filters = JSON.stringify({ title: { is: ['t1', 't3'] } });
    const get = await service.get(`/index/sheets?filters=${encodeURIComponent(filters)}&size=1&order=desc`);
    expect(get.body.hits[0].entity_id).to.equal(idOf(3));
    const bodies = [
      ['/index/sheets', { filters, size: 1, order: 'desc' }],
      ['/index/sheets', { filters, size: '1', order: 'desc', catalog: 'plants' }],
      ['/index/sheets?size=1', { filters, order: 'desc' }],
    ] as const;
    for (const [path, body] of bodies) {
      expect(
        (await service.send('POST', path, JSON.stringify(body), 'application/json; charset=utf-8')).body,
      ).to.deep.equal(get.body);
    }
    expect((await service.send('POST', '/index/sheets')).body).to.deep.equal((await service.get('/index/sheets')).body);
  });

  it('refuses bodies that are no parameters', async () => {
    const refused = [
      ['[1]', 400, /not a JSON object/],
      ['null', 400, /not a JSON object/],
      ['{', 400, /Error Parsing JSON/],
      ['{"nosuch":1}', 400, /Unknown query parameter `nosuch`/],
      ['{"filters":{}}', 400, /Invalid value for `filters`/],
      ['{"size":[]}', 400, /`size`/],
      [`{"filters":"${' '.repeat(100_000)}"}`, 413, /100000 bytes/],
    ] as const;
    for (const [text, status, message] of refused) {
      const answer = await service.send('POST', '/index/sheets', text);
      expect({ status: answer.status, text: text.slice(0, 40) }).to.deep.equal({ status, text: text.slice(0, 40) });
      expect(answer.body.Message).to.match(message);
    }
    const twice = await service.send('POST', '/index/sheets?size=1', '{"size":1}');
    expect(twice.body.Message).to.match(/Conflicting keys.*size/);
    expect((await service.send('POST', '/index/sheets', '{}', 'text/plain')).body.Code).to.equal(
      'UnsupportedMediaType',
    );
  });

  it('answers HEAD as GET, without the body', async () => {
    const head = await service.send('HEAD', '/index/sheets?size=1');
    expect({ status: head.status, body: head.body }).to.deep.equal({ status: 200, body: '' });
    expect((await service.send('HEAD', '/index/sheets?size=0')).status).to.equal(400);
  });

  const mistakes: [string, number, RegExp][] = [
    ['/nosuch', 404, /nosuch/],
    ['/index', 404, /index/],
    [`/repository/files/${idOf(1)}`, 404, /Unable to find file/],
    [`/fetch/repository/files/${idOf(1)}`, 404, /Unable to find file/],
    ['//nosuch', 404, /nothing/],
    ['/index/%E0%A4%A', 400, /invalid for catalog/],
    ['/index/drawers', 400, /Entity type 'drawers' is invalid for catalog 'plants'.*sheets, expeditions/],
    [`/index/nosuch/${idOf(1)}`, 400, /Entity type 'nosuch'/],
    ['/index/sheets/1', 400, /"1" is not a valid UUID/],
    ['/index/sheets/00000000-0000-0000-0000-000000000000', 400, /not a valid UUID/],
    ['/index/sheets?catalog=nosuch', 404, /Catalog name 'nosuch' does not exist.*plants/],
    ['/index/sheets?catalog=', 400, /Catalog name is invalid/],
    ['/index/sheets?catalog=foo%20', 400, /Catalog name is invalid/],
    ['/index/sheets?nosuch=1', 400, /Unknown query parameter `nosuch`/],
    ['/index/sheets?b=1&a=1', 400, /Unknown query parameters `a`, `b`/],
    ['/index/sheets?__proto__=1', 400, /Unknown query parameter `__proto__`/],
    ['/index/sheets?size=0', 400, /`size`.*greater than 0/],
    ['/index/sheets?size=-1', 400, /`size`.*greater than 0/],
    ['/index/sheets?size=51', 400, /`size`.*must not be greater than 50/],
    ['/index/sheets?size=1.5', 400, /`size`/],
    ['/index/sheets?size=', 400, /`size`/],
    ['/index/sheets?size=abc', 400, /`size`.*"abc"/],
    ['/index/sheets?sort=nosuch', 400, /Unknown field `nosuch`/],
    ['/index/sheets?sort=accessible', 400, /Unknown field `accessible`/],
    ['/index/sheets?order=up', 400, /Unknown order "up".*asc, desc/],
    ['/integrations?entity_type=file', 400, /Missing required query parameter `integration_type`/],
    ['/integrations', 400, /Missing required query parameters `entity_type`, `integration_type`/],
    ['/health/cached?catalog=other', 404, /only cached for the default catalog, 'plants'/],
    ['/health/nosuch', 400, /Invalid health keys/],
    ['/health/elasticsearch,', 400, /Invalid health keys/],
  ];
  for (const [path, status, message] of mistakes) {
    it(`answers ${status} to ${path}`, async () => {
      const { body, ...answer } = await service.get(path);
      expect(answer.status, JSON.stringify(body)).to.equal(status);
      expect(body.Message).to.match(message);
    });
  }

  it('answers 405 to a method that a path does not have, and says which it has', async () => {
    for (const method of ['DELETE', 'PUT', 'PATCH']) {
      const { status, body, headers } = await service.send(method, '/index/sheets');
      expect({ status, code: body.Code }).to.deep.equal({ status: 405, code: 'MethodNotAllowedError' });
      expect(headers.get('Allow')).to.match(/GET/);
    }
  });

  it('takes the last of a parameter that is given twice', async () => {
    expect((await service.get('/index/sheets?size=5&size=2')).body.hits).to.have.length(2);
  });

  it('lets every page call it, and sends security headers, errors too', async () => {
    for (const path of ['/index/sheets', '/nosuch', '/index/sheets?size=0', '/health/basic']) {
      const { headers } = await service.get(path, { 'X-Request-Id': 'me-1' });
      const sent = Object.fromEntries(headers);
      expect(sent, path).to.deep.include({
        'access-control-allow-origin': '*',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-request-id': 'me-1',
      });
    }
    const preflight = await service.send('OPTIONS', '/index/sheets');
    expect(preflight.status).to.equal(204);
    expect(preflight.headers.get('Access-Control-Allow-Methods')).to.match(/POST/);
  });

  it('knows no tokens: anonymous callers only', async () => {
    const { status, body, headers } = await service.get('/index/sheets', { Authorization: 'Bearer secret' });
    expect({ status, code: body.Code }).to.deep.equal({ status: 401, code: 'UnauthorizedError' });
    expect(headers.get('Access-Control-Allow-Origin')).to.equal('*');
    expect(JSON.stringify(body)).not.to.include('secret');
  });

  it('refuses URLs that are too long, also before a request is one', async () => {
    expect((await service.get(`/index/sheets?filters=${'x'.repeat(9_000)}`)).status).to.equal(413);
    const overlong = await service.get(`/index/sheets?filters=${'x'.repeat(60_000)}`);
    expect({ status: overlong.status, code: overlong.body.Code }).to.deep.equal({
      status: 413,
      code: 'PayloadTooLargeError',
    });
  });

  it('refuses what is no HTTP, and a Host that is none', async () => {
    const port = Number(new URL(service.url).port);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectSocket(port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
      socket.on('data', (data) => resolve(data.toString())).on('error', reject);
    });
    expect(answer).to.match(/^HTTP\/1.1 400 Bad Request[\s\S]*Access-Control-Allow-Origin: \*[\s\S]*BadRequestError/);
    const status = await new Promise((resolve, reject) => {
      const headers = { Host: 'a/b"><script>' };
      httpRequest({ port, host: '127.0.0.1', path: '/index/sheets', headers }, (response) =>
        resolve(response.statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).to.equal(400);
  });

  it('tells its health', async () => {
    expect(await service.get('/health/basic')).to.deep.include({ status: 200, body: { up: true } });
    expect(await service.get('/health/fast')).to.deep.include({
      status: 200,
      body: { elasticsearch: { up: true }, up: true },
    });
    expect(await service.get('/health')).to.deep.include({
      status: 503,
      body: { elasticsearch: { up: true }, queues: { up: false }, up: false },
    });
    expect((await service.get('/health/elasticsearch')).status).to.equal(200);
    const cached = { status: 200, body: { elasticsearch: { up: true }, up: true } };
    expect(await service.get('/health/cached')).to.deep.include(cached);
    expect(await service.get('/health/cached?catalog=plants')).to.deep.include(cached);
    expect(await service.get('/health/fast?catalog=other')).to.deep.include(cached);
  });

  it('knows of no integrations where the repository knows of no portals', async () => {
    expect((await service.get('/integrations?entity_type=file&integration_type=get')).body).to.deep.equal([]);
  });

  it('tells its version', async () => {
    expect((await service.get('/version')).body).to.deep.equal({
      git: { commit: 'c0ffee', dirty: false },
      changes: [],
    });
  });

  it('answers 404 for an index that does not exist yet', async () => {
    await using empty = await startService({ plugin: herbarium });
    const { status, body } = await empty.get('/index/sheets');
    expect({ status, code: body.Code }).to.deep.equal({ status: 404, code: 'NotFoundError' });
  });
});

import { expect } from 'chai';
import { anonymous } from '../../plugins/authentication/anonymous/plugin.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { type Conformance, conformanceTo } from '../rigs/http/conformance.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';
import { generatedDocuments } from './generated.ts';

const types = ['files', 'samples', 'projects', 'bundles'];
const nil = '00000000-0000-4000-8000-000000000000';

describe('answers of the service', () => {
  let service: Service;
  let conforms: Conformance;
  before(async function () {
    this.timeout(180_000);
    const documents = await generatedDocuments(20);
    const sources = documents.projects?.flatMap((project) => project.sources) ?? [];
    service = await startService({
      plugin: hca,
      catalog: 'hca',
      documents,
      sources: [...new Map(sources.map((source) => [source.id, source])).values()],
      deps: {
        identify: (await anonymous.open({})).identify,
        checks: { elasticsearch: async () => ({ up: true }), queues: async () => ({ up: false, error: 'why' }) },
      },
    });
    conforms = conformanceTo((await service.get('/openapi')).body);
  });
  after(() => service[Symbol.asyncDispose]());

  /** Asks, compares with the document of the very service, and tells the status. */
  async function asked(method: string, path: string, body?: string): Promise<number> {
    const answer = await service.send(method, path, body);
    expect(conforms({ method, path, ...answer }), JSON.stringify(answer.body)?.slice(0, 2000)).to.equal(undefined);
    return answer.status;
  }

  for (const type of types) {
    it(`are as the document says: all ${type}, and each alone`, async () => {
      const first = (await service.get(`/index/${type}?size=100`)).body;
      expect(first.hits).not.to.be.empty;
      let next: string | null = `/index/${type}?size=100`;
      while (next !== null) {
        expect(await asked('GET', next)).to.equal(200);
        next = (await service.get(next)).body.pagination.next?.slice(service.url.length) ?? null;
      }
      expect(await asked('GET', `/index/${type}/${first.hits[0].entryId}`)).to.equal(200);
      expect(await asked('POST', `/index/${type}`, '{"size": 2}')).to.equal(200);
      expect(await asked('HEAD', `/index/${type}?size=2`)).to.equal(200);
    });
  }

  const others: readonly [method: string, path: string, status: number][] = [
    ['GET', '/index/catalogs', 200],
    ['GET', '/index/summary', 200],
    ['HEAD', '/index/summary', 200],
    ['GET', '/repository/sources', 200],
    ['GET', '/integrations?entity_type=file&integration_type=get', 200],
    ['GET', '/version', 200],
    ['GET', '/openapi', 200],
    ['GET', '/', 200],
    ['GET', '/static/swagger-ui.css', 200],
    ['GET', '/health', 503],
    ['GET', '/health/basic', 200],
    ['GET', '/health/fast', 200],
    ['GET', '/health/cached', 200],
    ['GET', '/health/elasticsearch', 200],
    ['GET', '/health/queues,elasticsearch', 503],
    ['GET', `/index/files${withFilters({ organ: { is: [] } })}`, 200],
    ['GET', '/index/files?catalog=nosuch', 404],
    ['GET', '/index/files?size=0', 400],
    ['GET', `/index/files/${nil}`, 404],
    ['GET', `/index/files${withFilters({ sourceId: { is: ['nosuch'] } })}`, 403],
    ['GET', '/static/nosuch', 404],
    ['GET', '/health/nosuch', 400],
    ['GET', '/integrations', 400],
    ['GET', '/index/summary', 200],
    ['HEAD', '/index/summary', 200],
    ['GET', `/index/summary${withFilters({ organ: { is: [null] } })}`, 200],
    ['GET', '/index/summary?size=1', 400],
    ['GET', '/index/summary?catalog=nosuch', 404],
    ['GET', `/index/summary${withFilters({ sourceId: { is: ['nosuch'] } })}`, 403],
    ['POST', '/index/summary', 405],
    ['GET', '/nosuch', 404],
    ['DELETE', '/version', 405],
  ];
  for (const [method, path, status] of others) {
    it(`are as the document says: ${status} to ${method} ${path.slice(0, 60)}`, async () => {
      expect(await asked(method, path)).to.equal(status);
    });
  }

  it('are as the document says when a token or a body is refused', async () => {
    const refused = await service.get('/index/files', { Authorization: 'Bearer nosuch' });
    expect(conforms({ method: 'GET', path: '/index/files', ...refused })).to.equal(undefined);
    expect([refused.status, refused.headers.get('WWW-Authenticate')]).to.deep.equal([401, 'Bearer']);
    const text = await service.send('POST', '/index/files', 'text', 'text/plain');
    expect(conforms({ method: 'POST', path: '/index/files', ...text })).to.equal(undefined);
    expect(text.status).to.equal(415);
  });

  it('would not pass if they were otherwise', async () => {
    const { body } = await service.get('/index/files?size=1');
    const [hit] = body.hits;
    const answer = { method: 'GET', path: '/index/files', status: 200 };
    const wrong = [
      { ...body, more: 1 },
      { ...body, hits: [{ ...hit, more: 1 }] },
      { ...body, hits: [{ ...hit, files: [{ ...hit.files[0], size: 'large' }] }] },
      { ...body, termFacets: { ...body.termFacets, organ: undefined } },
      { ...body, pagination: { ...body.pagination, total: '1' } },
    ];
    for (const changed of wrong) expect(conforms({ ...answer, body: changed })).to.be.a('string');
    expect(conforms({ ...answer, status: 418, body })).to.match(/418 is not documented/);
    expect(conforms({ ...answer, body })).to.equal(undefined);
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { documentLayout } from '../../core/documents/document-layout.ts';
import { connect } from '../../query/opensearch.ts';
import { herbarium } from '../rigs/models/herbarium.ts';
import { type Service, startService } from '../rigs/service/harness.ts';

/** What an OpenSearch tells of the indices behind aliases; undefined where something else is asked. */
function indexAt(url: string): unknown {
  const [, aliases] = /^\/(lazuli_[\w,]+)\?/.exec(decodeURIComponent(url)) ?? [];
  if (aliases === undefined) return undefined;
  const described = aliases.split(',').map((alias) => {
    const type = alias.slice(alias.lastIndexOf('_') + 1);
    const index = { settings: { index: { uuid: alias } }, mappings: { _meta: documentLayout(herbarium, type) } };
    return [`${alias}_g1`, index];
  });
  return Object.fromEntries(described);
}

/** Answers as an OpenSearch in trouble does. */
async function troubled(answer: { status: number; body: unknown } | 'silence'): Promise<Server & { url: string }> {
  const server = createServer(({ url = '' }, response) => {
    if (answer === 'silence') return;
    const body = (answer.status === 200 && indexAt(url)) || answer.body;
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function expectUnavailable(service: Service): Promise<void> {
  const start = performance.now();
  for (const path of ['/index/sheets', '/index/sheets/00000000-0000-4000-8000-000000000001']) {
    const { status, body, headers } = await service.get(path);
    expect({ status, code: body.Code }).to.deep.equal({ status: 503, code: 'ServiceUnavailableError' });
    expect(headers.get('Retry-After')).to.match(/^\d+$/);
    expect(headers.get('Access-Control-Allow-Origin')).to.equal('*');
  }
  expect(performance.now() - start).to.be.below(2_000);
}

describe('with the search engine in trouble', () => {
  it('answers 503 quickly when nothing listens', async () => {
    const gone = await troubled('silence');
    gone.close();
    await using service = await startService({ plugin: herbarium, opensearchUrl: gone.url });
    await expectUnavailable(service);
    expect((await service.get('/index/catalogs')).status).to.equal(200);
    expect((await service.get('/index/sheets?size=0')).status).to.equal(400);
  });

  for (const status of [429, 500, 502, 503]) {
    it(`answers 503 when it answers ${status}`, async () => {
      const engine = await troubled({ status, body: { error: 'overloaded' } });
      await using service = await startService({ plugin: herbarium, opensearchUrl: engine.url });
      await expectUnavailable(service);
      engine.close();
    });
  }

  it('answers 503 when it does not answer in time', async () => {
    const engine = await troubled('silence');
    const impatient = connect(engine.url, { searchMillis: 50, pingMillis: 50 });
    await using service = await startService({
      plugin: herbarium,
      opensearchUrl: engine.url,
      deps: { engine: impatient },
    });
    await expectUnavailable(service);
    engine.closeAllConnections();
    engine.close();
  });

  it('answers 503 when it hangs up in the middle of an answer', async () => {
    const server = createServer(({ url = '' }, response) => {
      const index = indexAt(url);
      response.writeHead(200, { 'Content-Type': 'application/json' });
      if (index !== undefined) return response.end(JSON.stringify(index));
      response.write('{"responses":[', () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const opensearchUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using service = await startService({ plugin: herbarium, opensearchUrl });
    const { status } = await service.get('/index/sheets');
    expect(status).to.equal(503);
    server.close();
  });

  it('answers 503 when one of several searches fails', async () => {
    const failure = { status: 503, error: { type: 'search_phase_execution_exception' } };
    const engine = await troubled({ status: 200, body: { responses: [failure], index: {} } });
    await using service = await startService({ plugin: herbarium, opensearchUrl: engine.url });
    await expectUnavailable(service);
    engine.close();
  });

  it('tells nobody why a search was refused, and logs it', async () => {
    const refused = { status: 400, error: { type: 'parsing_exception', reason: 'inner details' } };
    const engine = await troubled({ status: 200, body: { responses: [refused], index: {} } });
    await using service = await startService({ plugin: herbarium, opensearchUrl: engine.url });
    const { status, body } = await service.get('/index/sheets');
    expect({ status, body }).to.deep.equal({
      status: 500,
      body: { Code: 'InternalServerError', Message: 'An internal server error occurred.' },
    });
    engine.close();
  });
});

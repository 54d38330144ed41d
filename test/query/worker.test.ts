import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { parseSettings, type Settings } from '../../core/config/settings.ts';
import { startQuery } from '../../query/worker.ts';

const logger = pino({ level: 'silent' });

/** An engine that answers when it is told to. */
async function slowEngine() {
  const waiting: ServerResponse[] = [];
  let arrived = () => {};
  const first = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = createServer((_request, response) => {
    waiting.push(response);
    arrived();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = () => {
    for (const response of waiting) response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    first,
    answer,
    close: () => server.close(),
  };
}

describe('the query worker', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lazuli-query-'));
    const source = { id: 'a', spec: 'canned:a:' };
    await writeFile(join(folder, 'bundles.json'), JSON.stringify({ source, bundles: [] }));
  });
  after(() => rm(folder, { recursive: true }));

  const settings = (opensearch: string, port = 0): Settings =>
    parseSettings(
      {
        folders: { staging: folder, state: folder, deadLetters: folder },
        opensearch: { url: opensearch },
        kinesis: { endpoint: 'http://127.0.0.1:1' },
        http: { query: port, indexer: 1, ingest: 1, transform: 1, metrics: 0 },
        hmacKeyFile: join(folder, 'key'),
        catalogs: {
          hca: {
            atlas: 'hca',
            plugins: { metadata: { name: 'hca' }, repository: { name: 'canned', folder } },
            sources: ['canned:a:'],
          },
        },
      },
      'test',
    );

  /** A worker that stops when the test ends, however it ends. */
  const started = async (opensearch: string, port?: number) => {
    const worker = await startQuery(settings(opensearch, port), { logger });
    return { ...worker, url: `http://127.0.0.1:${worker.port}`, [Symbol.asyncDispose]: worker.stop };
  };

  it('starts without a search engine, and says what is down', async () => {
    await using worker = await started('http://127.0.0.1:1');
    expect((await fetch(`${worker.url}/health/basic`)).status).to.equal(200);
    const health = await fetch(`${worker.url}/health`);
    expect(health.status).to.equal(503);
    const { up, ...things } = (await health.json()) as Record<string, { up: boolean }>;
    expect(up).to.equal(false);
    const states = Object.entries(things).map(([key, state]) => [key, state.up]);
    expect(Object.fromEntries(states)).to.deep.equal({
      elasticsearch: false,
      layouts: false,
      queues: false,
      api_endpoints: false,
      other_lambdas: false,
      progress: false,
      exports: true,
    });
  });

  it('tells which portals the repository of the default catalog knows', async () => {
    await using worker = await started('http://127.0.0.1:1');
    const ask = () => fetch(`${worker.url}/integrations?entity_type=project&integration_type=get`);
    expect(await (await ask()).json()).to.deep.equal([]);
    const [integration, other] = ['project', 'file'].map((entity_type) => ({ entity_type, integration_type: 'get' }));
    const file = join(folder, 'portals.json');
    await writeFile(file, JSON.stringify([{ portal_id: 'p', integrations: [integration, other] }]));
    expect(await (await ask()).json()).to.deep.equal([{ portal_id: 'p', integrations: [integration] }]);
    await writeFile(file, '[{}]');
    expect((await ask()).status).to.equal(503);
    await rm(file);
  });

  it('finishes requests in flight when it stops, and takes no others', async () => {
    const engine = await slowEngine();
    await using worker = await started(engine.url);
    const inFlight = fetch(`${worker.url}/index/files`);
    await engine.first;
    const stopped = worker.stop();
    const refused = await fetch(`${worker.url}/health/basic`).then(
      () => false,
      () => true,
    );
    engine.answer();
    engine.close();
    expect(refused).to.equal(true);
    // An empty object says nothing of which index serves.
    expect((await inFlight).status).to.equal(503);
    await stopped;
  });

  it('has metrics at a port of their own', async () => {
    await using worker = await started('http://127.0.0.1:1');
    expect((await fetch(`${worker.url}/index/files`)).status).to.equal(503);
    expect((await fetch(`${worker.url}/metrics`)).status).to.equal(404);
    const metrics = await (await fetch(`${worker.metricsUrl}/metrics`)).text();
    expect(metrics).to.match(
      /^lazuli_opensearch_request_duration_seconds_count\{operation="serving",outcome="unavailable"\} 1$/m,
    );
    expect(metrics).to.match(
      /^lazuli_http_request_duration_seconds_count\{method="GET",route="\/index\/:entity_type",status="503"\} 1$/m,
    );
    expect(metrics).to.match(/^lazuli_facet_cache_answers 0$/m);
    expect(metrics).to.match(/^lazuli_search_turns_total\{outcome="had"\} 1$/m);
    for (const name of ['at_once', 'waiting']) expect(metrics).to.match(new RegExp(`^lazuli_searches_${name} 0$`, 'm'));
    expect(metrics).to.match(/^process_resident_memory_bytes \d+/m);
  });

  it('says so when its port is taken', async () => {
    await using worker = await started('http://127.0.0.1:1');
    const second = await startQuery(settings('http://127.0.0.1:1', worker.port), { logger }).catch(
      (error: unknown) => error,
    );
    expect(second).to.include({ code: 'in_use' });
  });
});

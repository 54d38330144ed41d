import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { parseSettings, type Settings } from '../../config/settings.ts';
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
    for (const response of waiting) response.writeHead(404, { 'Content-Type': 'application/json' }).end('{}');
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
        kinesis: {},
        http: { query: port, indexer: 1, ingest: 1, transform: 1 },
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

  it('starts without a search engine, and says what is down', async () => {
    const worker = await startQuery(settings('http://127.0.0.1:1'), { logger });
    const url = `http://127.0.0.1:${worker.port}`;
    expect((await fetch(`${url}/health/basic`)).status).to.equal(200);
    const health = await fetch(`${url}/health`);
    expect(health.status).to.equal(503);
    const {
      up,
      elasticsearch,
      api_endpoints: endpoints,
      other_lambdas: lambdas,
    } = (await health.json()) as Record<string, { up: boolean }>;
    expect([up, elasticsearch?.up, endpoints?.up, lambdas?.up, progress?.up]).to.deep.equal([
      false,
      false,
      false,
      false,
      false,
    ]);
    await worker.stop();
  });

  it('finishes requests in flight when it stops, and takes no others', async () => {
    const engine = await slowEngine();
    const worker = await startQuery(settings(engine.url), { logger });
    const url = `http://127.0.0.1:${worker.port}`;
    const inFlight = fetch(`${url}/index/files`);
    await engine.first;
    const stopped = worker.stop();
    const refused = await fetch(`${url}/health/basic`).then(
      () => false,
      () => true,
    );
    expect(refused).to.equal(true);
    engine.answer();
    expect((await inFlight).status).to.equal(404);
    await stopped;
    engine.close();
  });

  it('says so when its port is taken', async () => {
    const worker = await startQuery(settings('http://127.0.0.1:1'), { logger });
    const second = await startQuery(settings('http://127.0.0.1:1', worker.port), { logger }).catch(
      (error: unknown) => error,
    );
    expect(second).to.include({ code: 'in_use' });
    await worker.stop();
  });
});

import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import type { Settings } from '../config/settings.ts';
import { createApp } from './app.ts';
import { type Catalogs, openCatalogs } from './catalogs.ts';
import { engineCheck, type HealthCheck, urlCheck } from './health.ts';
import { anonymousOnly, type Identify } from './http/identity.ts';
import { connect, type SearchEngine } from './opensearch.ts';
import { progressCheck } from './progress.ts';
import { type Listening, listen } from './server.ts';
import { readVersion } from './version.ts';

/** What a caller may replace or add. */
export interface QueryOptions {
  readonly logger?: Logger;
  readonly identify?: Identify;
  /** further keys of `/health`, such as `queues` */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
}

/**
 * Starts the search service. It needs no search engine to start: without one it answers 503.
 *
 * @throws LazuliError `configuration_invalid`, `in_use`
 */
export async function startQuery(settings: Settings, options: QueryOptions = {}): Promise<Listening> {
  const { http, limits } = settings;
  const logger = options.logger ?? pino({ name: 'query' });
  const [catalogs, version] = await Promise.all([openCatalogs(settings), readVersion(join(import.meta.dirname, '..'))]);
  const engine = connect(settings.opensearch.url);
  let own = '';
  const app = createApp({
    catalogs,
    engine,
    identify: options.identify ?? anonymousOnly,
    checks: { ...checksOf(settings, engine, catalogs, () => own), ...options.checks },
    version,
    limits,
    logger,
  });
  const server = await listen(app, { host: http.host, port: http.query, urlBytes: limits.urlBytes }).catch(
    async (error: unknown) => {
      await engine.close();
      throw error;
    },
  );
  own = `http://${urlHost(http.host)}:${server.port}`;
  logger.info({ url: own }, 'listening');
  let stopped: Promise<void> | undefined;
  return {
    port: server.port,
    stop: () => {
      stopped ??= server.stop().then(() => engine.close());
      return stopped;
    },
  };
}

function checksOf(
  { http }: Settings,
  engine: SearchEngine,
  catalogs: Catalogs,
  own: () => string,
): Record<string, HealthCheck> {
  const types = [...(catalogs.byName.get(catalogs.default)?.entities.keys() ?? [])];
  const randomType = () => types[Math.floor(Math.random() * types.length)];
  const worker = (port: number) => `http://${urlHost(http.host)}:${port}`;
  return {
    elasticsearch: engineCheck(engine),
    api_endpoints: urlCheck('', () => `${own()}/index/${randomType()}?size=1`, 'HEAD'),
    other_lambdas: urlCheck('indexer', () => `${worker(http.indexer)}/health/basic`),
    progress: progressCheck(worker(http.ingest), worker(http.transform)),
  };
}

/** A service that listens on every address is asked at this one. */
const urlHost = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host);

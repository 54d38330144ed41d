import { pino } from 'pino';
import type { Settings } from '../config/settings.ts';
import type { HealthChecks } from '../http/health.ts';
import { type Listening, listen } from '../http/server.ts';
import { readVersion } from '../http/version.ts';
import type { Logger } from '../streams/logger.ts';
import { createApp } from './app.ts';
import { openCatalogs } from './catalogs.ts';
import { serviceChecks } from './health.ts';
import { anonymousOnly, type Identify } from './http/identity.ts';
import { connect } from './opensearch.ts';

/** What a caller may replace or add. */
export interface QueryOptions {
  readonly logger?: Logger;
  readonly identify?: Identify;
  /** further keys of `/health`, such as `queues` */
  readonly checks?: HealthChecks;
}

/**
 * Starts the search service. It needs no search engine to start: without one it answers 503.
 *
 * @throws LazuliError `configuration_invalid`, `in_use`
 */
export async function startQuery(settings: Settings, options: QueryOptions = {}): Promise<Listening> {
  const { http, limits } = settings;
  const logger = options.logger ?? pino({ name: 'query' });
  const [catalogs, version] = await Promise.all([openCatalogs(settings), readVersion()]);
  const engine = connect(settings.opensearch.url);
  let own = '';
  const app = createApp({
    catalogs,
    engine,
    identify: options.identify ?? anonymousOnly,
    checks: { ...serviceChecks(settings, engine, catalogs, () => own), ...options.checks },
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
  own = server.url;
  logger.info({ url: own }, 'listening');
  let stopped: Promise<void> | undefined;
  return {
    ...server,
    stop: () => {
      stopped ??= server.stop().then(() => engine.close());
      return stopped;
    },
  };
}

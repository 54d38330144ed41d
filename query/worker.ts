import { collectDefaultMetrics, Registry } from 'prom-client';
import { hostNames } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import type { HealthChecks } from '../core/health/health.ts';
import { metricsApp } from '../core/health/metrics.ts';
import { pipelineOf } from '../core/health/pipeline.ts';
import { type Listening, listen } from '../core/http/server.ts';
import { readVersion } from '../core/http/version.ts';
import { systemClock } from '../core/runtime/clock.ts';
import { type Logger, processLogger } from '../core/runtime/logger.ts';
import { openAuthentication } from '../plugins/registry.ts';
import { createApp } from './app.ts';
import { openCatalogs } from './catalogs.ts';
import type { QueryDeps } from './deps.ts';
import { linksOf } from './downloads/open.ts';
import { serviceChecks } from './health.ts';
import { askSignIn, type Identify } from './http/caller.ts';
import { exportsOf } from './manifests/open.ts';
import { exportCheck, tellOfExports, watchExports } from './manifests/watching.ts';
import { exportCounter, lookupCounter, measured, measuredTurns, otherLayoutCounter, watchCache } from './metrics.ts';
import { connect } from './opensearch.ts';
import { tellOfPipeline, watchPipeline } from './pipeline-metrics.ts';
import { FacetCache } from './search/facet-cache.ts';
import { Serving } from './search/serving.ts';
import { searchTurns } from './search/turns.ts';

/** What a caller may replace or add. */
export interface QueryOptions {
  readonly logger?: Logger;
  readonly identify?: Identify;
  /** further keys of `/health` */
  readonly checks?: HealthChecks;
}

/** A running service. */
export interface QueryWorker extends Listening {
  /** where its metrics are, for operators, without a slash at the end */
  readonly metricsUrl: string;
}

/**
 * Starts the search service. It needs no search engine to start: without one it answers 503.
 *
 * @throws LazuliError `configuration_invalid`, `in_use`
 */
export async function startQuery(settings: Settings, options: QueryOptions = {}): Promise<QueryWorker> {
  const { http, limits } = settings;
  const logger = options.logger ?? processLogger('query');
  const callers = options.identify === undefined ? await callersOf(settings) : { identify: options.identify };
  const [catalogs, version] = await Promise.all([openCatalogs(settings), readVersion()]);
  for (const [catalog, error] of catalogs.refused)
    logger.error({ err: error, catalog }, 'a catalog is refused; the others are served');
  const metrics = new Registry();
  const engine = measured(connect(settings.opensearch.url), metrics);
  const pipeline = pipelineOf(settings);
  const facets = new FacetCache(engine, { maxBytes: limits.facetCacheBytes, onLookup: lookupCounter(metrics) });
  const turns = measuredTurns(searchTurns(limits), metrics);
  const serving = new Serving(engine, { turns, onOther: otherLayoutCounter(metrics) });
  watchCache(facets, metrics);
  watchPipeline(pipeline, metrics);
  const links = linksOf(settings);
  const exports = exportsOf(settings, links, exportCounter(metrics));
  watchExports(exports, metrics);
  let own = '';
  const known = serviceChecks(settings, engine, pipeline, catalogs, () => own);
  const checks = { ...known, exports: exportCheck(exports), ...options.checks };
  const app = createApp({
    catalogs,
    engine,
    exports,
    links,
    facets,
    serving,
    ...callers,
    checks,
    version,
    limits,
    logger,
    metrics,
  });
  const at = (port: number) => ({ host: http.host, port, urlBytes: limits.urlBytes });
  const servers: Listening[] = [];
  const ending = new AbortController();
  const until = { clock: systemClock, logger, signal: ending.signal };
  const telling = Promise.all([tellOfPipeline(pipeline, until), tellOfExports(exports, until)]);
  const stop = async (): Promise<void> => {
    ending.abort();
    await Promise.all(servers.map((server) => server.stop()));
    await telling;
    await engine.close();
  };
  try {
    servers.push(await listen(app, at(http.query)));
    const forOperators = { logger, urlBytes: limits.urlBytes, hosts: hostNames(settings) };
    servers.push(await listen(metricsApp(metrics, forOperators), at(http.metrics)));
  } catch (error) {
    await stop();
    throw error;
  }
  const [server, metricsServer] = servers as [Listening, Listening];
  own = server.url;
  collectDefaultMetrics({ register: metrics });
  logger.info({ url: own, metrics: metricsServer.url }, 'listening');
  let stopped: Promise<void> | undefined;
  return {
    ...server,
    metricsUrl: metricsServer.url,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Who calls, and how they sign in. */
async function callersOf(settings: Settings): Promise<Pick<QueryDeps, 'identify' | 'signIn'>> {
  const authentication = await openAuthentication(settings.authentication, settings);
  const identify: Identify = (authorization, signal) => authentication.identify(authorization, signal);
  const signIn = authentication.signIn?.bind(authentication);
  return { identify, ...(signIn === undefined ? {} : { signIn: askSignIn(signIn) }) };
}

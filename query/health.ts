import type { Settings } from '../config/settings.ts';
import { type HealthCheck, type HealthChecks, urlCheck } from '../http/health.ts';
import { localUrl } from '../http/server.ts';
import type { Catalogs } from './catalogs.ts';
import type { SearchEngine } from './opensearch.ts';
import { progressCheck } from './progress.ts';

/**
 * What the service depends on (specification, service-api 4).
 *
 * @param own where the service itself answers, known once it listens
 */
export function serviceChecks(
  { http }: Settings,
  engine: SearchEngine,
  catalogs: Catalogs,
  own: () => string,
): HealthChecks {
  const types = [...(catalogs.byName.get(catalogs.default)?.entities.keys() ?? [])];
  const randomType = () => types[Math.floor(Math.random() * types.length)];
  const worker = (port: number) => localUrl(http.host, port);
  return {
    elasticsearch: engineCheck(engine),
    api_endpoints: urlCheck('', () => `${own()}/index/${randomType()}?size=1`, 'HEAD'),
    other_lambdas: urlCheck('indexer', () => `${worker(http.indexer)}/health/basic`),
    progress: progressCheck(worker(http.ingest), worker(http.transform)),
  };
}

/** Whether the search engine answers. */
function engineCheck(engine: SearchEngine): HealthCheck {
  return async () => {
    await engine.ping();
    return { up: true };
  };
}

import { peerUrl } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import { apiCheck, type HealthCheck, type HealthChecks, urlCheck } from '../core/health/health.ts';
import type { Pipeline } from '../core/health/pipeline.ts';
import { pipelineChecks } from '../core/health/pipeline-health.ts';
import type { Catalogs } from './catalogs.ts';
import type { SearchEngine } from './opensearch.ts';
import { layoutsCheck } from './search/layouts-check.ts';
import { Serving } from './search/serving.ts';

/**
 * What the service depends on (specification, service-api 4).
 *
 * @param own where the service itself answers, known once it listens
 */
export function serviceChecks(
  settings: Settings,
  engine: SearchEngine,
  pipeline: Pipeline,
  catalogs: Catalogs,
  own: () => string,
): HealthChecks {
  const types = [...(catalogs.byName.get(catalogs.default)?.entities.keys() ?? [])];
  return {
    elasticsearch: engineCheck(engine),
    layouts: layoutsCheck(new Serving(engine), catalogs),
    ...pipelineChecks(pipeline, settings.kinesis),
    api_endpoints: apiCheck(own, types),
    other_lambdas: urlCheck('indexer', () => `${peerUrl(settings, 'indexer')}/health/basic`),
  };
}

/** Whether the search engine answers. */
function engineCheck(engine: SearchEngine): HealthCheck {
  return async () => {
    await engine.ping();
    return { up: true };
  };
}

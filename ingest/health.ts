import { defaultCatalog } from '../core/config/catalogs.ts';
import { peerUrl } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import { apiCheck, type HealthChecks, urlCheck } from '../core/health/health.ts';
import { pipelineOf } from '../core/health/pipeline.ts';
import { pipelineChecks } from '../core/health/pipeline-health.ts';
import { noneIfRefused } from '../plugins/opening.ts';
import { metadataPlugin } from '../plugins/registry.ts';

/** What the indexer depends on (specification, service-api 4). @throws LazuliError `configuration_invalid` */
export async function indexerChecks(settings: Settings): Promise<HealthChecks> {
  const { opensearch, kinesis } = settings;
  const service = peerUrl(settings, 'query');
  return {
    elasticsearch: urlCheck('', () => opensearch.url),
    ...pipelineChecks(pipelineOf(settings), kinesis),
    api_endpoints: apiCheck(() => service, await servedTypes(settings)),
    other_lambdas: urlCheck('service', () => `${service}/health/basic`),
  };
}

/** Entity types that the service lists without being told a catalog; none where that one is refused. */
async function servedTypes(settings: Settings): Promise<readonly string[]> {
  const { catalogs } = settings;
  const { name = '' } = catalogs[defaultCatalog(catalogs)]?.plugins.metadata ?? {};
  const plugin = await metadataPlugin(name, settings).catch(noneIfRefused);
  if (plugin === null) return [];
  return Object.entries(plugin.entityTypes).flatMap(([type, { served }]) => (served === undefined ? [] : [type]));
}

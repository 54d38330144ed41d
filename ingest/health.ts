import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { defaultCatalog } from '../config/catalogs.ts';
import { peerUrl } from '../config/peers.ts';
import type { Settings } from '../config/settings.ts';
import { apiCheck, type HealthChecks, urlCheck } from '../http/health.ts';
import { pipelineChecks, pipelineParts } from '../http/pipeline-health.ts';
import { metadataPlugin } from '../plugins/registry.ts';

/** What the indexer depends on (specification, service-api 4). @throws LazuliError `configuration_invalid` */
export async function indexerChecks(client: KinesisClient, settings: Settings): Promise<HealthChecks> {
  const { opensearch, catalogs } = settings;
  const service = peerUrl(settings, 'query');
  return {
    elasticsearch: urlCheck('', () => opensearch.url),
    ...pipelineChecks(pipelineParts(client, settings)),
    api_endpoints: apiCheck(() => service, await servedTypes(catalogs)),
    other_lambdas: urlCheck('service', () => `${service}/health/basic`),
  };
}

/** Entity types that the service lists without being told a catalog. */
async function servedTypes(catalogs: Settings['catalogs']): Promise<readonly string[]> {
  const plugin = await metadataPlugin(catalogs[defaultCatalog(catalogs)]?.plugins.metadata.name ?? '');
  return Object.entries(plugin.entityTypes).flatMap(([type, { served }]) => (served === undefined ? [] : [type]));
}

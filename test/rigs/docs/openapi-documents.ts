import { pino } from 'pino';
import { Registry } from 'prom-client';
import { catalogSchema } from '../../../core/config/catalogs.ts';
import { transformControl } from '../../../core/control/transform.ts';
import { metricsApi } from '../../../core/health/metrics.ts';
import { type OpenApiDocument, openApiDocument } from '../../../core/http/documentation/document.ts';
import { withDocumentation } from '../../../core/http/documentation/operations.ts';
import type { Operation } from '../../../core/http/operation.ts';
import { describedPort, type OperatorsApi, portOperations } from '../../../core/http/operators-app.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { indexerDescription } from '../../../ingest/description.ts';
import { indexerOperations } from '../../../ingest/endpoint.ts';
import { controlApi as ingestApi } from '../../../ingest/status.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { catalogOf, catalogsOf } from '../../../query/catalogs.ts';
import { serviceDescription } from '../../../query/description.ts';
import { connect } from '../../../query/opensearch.ts';
import { serviceOperations } from '../../../query/operations.ts';
import { FacetCache } from '../../../query/search/facet-cache.ts';
import { Serving } from '../../../query/search/serving.ts';
import { controlApi, type TransformControl } from '../../../transform/owner/control.ts';
import { noExports, someLinks } from '../service/no-exports.ts';

const version = { git: { commit: '', dirty: false }, changes: [] };
const limits = { requestBytes: 2 ** 20, signatureMillis: 900_000, urlBytes: 2 ** 16 };
const logger = pino({ level: 'silent' });
const never = async () => {
  throw new TypeError('A document is made without calling anything');
};

/** The document of the service for one catalog `hca` of HCA metadata. */
export function serviceDocument(): OpenApiDocument {
  return openApiDocument(operationsOf([hca]), serviceDescription);
}

/** The operations of a service with a catalog for each metadata plug-in, called as it is. */
export function operationsOf(plugins: readonly MetadataPlugin[]): readonly Operation[] {
  const repository = { listSources: never, accessibleSources: never, fetchBundle: never, listBundles: noBundles };
  const catalogs = plugins.map((plugin) => {
    const names = { metadata: { name: plugin.name }, repository: { name: 'none' } };
    const settings = catalogSchema.parse({ atlas: plugin.name, plugins: names, sources: [] });
    return catalogOf('local', plugin.name, settings, plugin, repository);
  });
  const engine = connect('http://127.0.0.1:9');
  const deps = {
    catalogs: catalogsOf(plugins[0]?.name ?? '', catalogs),
    engine,
    facets: new FacetCache(engine, { maxBytes: 0 }),
    exports: noExports,
    links: someLinks,
    serving: new Serving(engine),
    identify: never,
    checks: {},
    version,
    limits,
    logger,
  };
  return withDocumentation(serviceOperations(deps), serviceDescription);
}

/** The document of the indexer. */
export function indexerDocument(): OpenApiDocument {
  const undeletions = { number: never };
  const noKeys = () => ({ current: { key: 'a key', key_id: 'its id' }, other: null });
  const requests = { version, limits, logger, clock: systemClock, answered: { once: never } };
  const deps = {
    keys: noKeys,
    put: never,
    undeletions,
    runs: never,
    callbacksOf: never,
    health: {},
    defaultCatalog: 'hca',
    ...requests,
  };
  return openApiDocument(withDocumentation(indexerOperations(deps), indexerDescription), indexerDescription);
}

const portDocument = (api: OperatorsApi): OpenApiDocument => openApiDocument(portOperations(api), describedPort(api));

/** The document of the port for operators of a transform process. */
export function transformDocument(): OpenApiDocument {
  const control = Object.fromEntries(Object.keys(transformControl).map((name) => [name, never]));
  const building = { builders: never, takeBucket: never, reportBucket: never };
  return portDocument(controlApi(control as unknown as TransformControl, building));
}

/** The same of an ingest process. */
export const ingestDocument = (): OpenApiDocument => portDocument(ingestApi({ status: never }));

/** The same of the service. */
export const metricsDocument = (): OpenApiDocument =>
  portDocument(metricsApi({ metrics: never, contentType: Registry.PROMETHEUS_CONTENT_TYPE }));

async function* noBundles() {
  yield* [];
}

import { healthOperations } from '../core/health/health-operations.ts';
import { healthRoute } from '../core/health/health-route.ts';
import type { Operation } from '../core/http/operation.ts';
import { versionOperation } from '../core/http/version-operation.ts';
import type { QueryDeps } from './deps.ts';
import { catalogsOperation } from './routes/catalogs.ts';
import { downloadOperations } from './routes/downloads.ts';
import { drsOperations } from './routes/drs.ts';
import { entityOperations } from './routes/entities.ts';
import { integrationsOperation } from './routes/integrations.ts';
import { manifestOperations } from './routes/manifests.ts';
import { signInOperations } from './routes/sign-in.ts';
import { sourcesOperation } from './routes/sources.ts';
import { summaryOperation } from './routes/summary.ts';

/** Checks that monitoring may run every minute. */
const fastKeys = ['elasticsearch', 'api_endpoints'];

/** The API of the service (specification, service-api 2). */
export function serviceOperations(deps: QueryDeps): readonly Operation[] {
  return [
    catalogsOperation(deps),
    ...entityOperations(deps),
    summaryOperation(deps),
    ...manifestOperations(deps),
    sourcesOperation(deps),
    ...downloadOperations(deps),
    ...drsOperations(deps),
    integrationsOperation(deps),
    ...signInOperations(deps),
    ...healthOperations(healthRoute({ checks: deps.checks, fastKeys, defaultCatalog: deps.catalogs.default })),
    versionOperation(deps.version),
  ];
}

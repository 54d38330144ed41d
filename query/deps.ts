import type { HealthChecks } from '../http/health.ts';
import type { Version } from '../http/version.ts';
import type { Logger } from '../streams/logger.ts';
import type { Catalogs } from './catalogs.ts';
import type { Identify } from './http/identity.ts';
import type { SearchEngine } from './opensearch.ts';

/** Everything that the service talks to or is told from outside. */
export interface QueryDeps {
  readonly catalogs: Catalogs;
  readonly engine: SearchEngine;
  readonly identify: Identify;
  readonly checks: HealthChecks;
  readonly version: Version;
  readonly limits: { readonly requestBytes: number; readonly urlBytes: number };
  readonly logger: Logger;
}

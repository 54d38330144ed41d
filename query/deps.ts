import type { Logger } from 'pino';
import type { Catalogs } from './catalogs.ts';
import type { HealthCheck } from './health.ts';
import type { Identify } from './http/identity.ts';
import type { SearchEngine } from './opensearch.ts';
import type { Version } from './version.ts';

/** Everything that the service talks to or is told from outside. */
export interface QueryDeps {
  readonly catalogs: Catalogs;
  readonly engine: SearchEngine;
  readonly identify: Identify;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly version: Version;
  readonly limits: { readonly requestBytes: number; readonly urlBytes: number };
  readonly logger: Logger;
}

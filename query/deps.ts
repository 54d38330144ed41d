import type { Registry } from 'prom-client';
import type { HealthChecks } from '../core/health/health.ts';
import type { AskSignIn } from '../core/http/documentation/sign-in.ts';
import type { Version } from '../core/http/version.ts';
import type { Logger } from '../core/runtime/logger.ts';
import type { Catalogs } from './catalogs.ts';
import type { OpenLinks } from './downloads/open.ts';
import type { Identify } from './http/caller.ts';
import type { OpenExports } from './manifests/exports.ts';
import type { SearchEngine } from './opensearch.ts';
import type { FacetCache } from './search/facet-cache.ts';
import type { Serving } from './search/serving.ts';

/** Everything that the service talks to, or gets from outside. */
export interface QueryDeps {
  readonly catalogs: Catalogs;
  readonly engine: SearchEngine;
  readonly facets: FacetCache;
  readonly serving: Serving;
  readonly exports: OpenExports;
  readonly links: OpenLinks;
  readonly identify: Identify;
  /** absent: callers have their tokens from elsewhere */
  readonly signIn?: AskSignIn;
  readonly checks: HealthChecks;
  readonly version: Version;
  readonly limits: { readonly requestBytes: number; readonly urlBytes: number };
  readonly logger: Logger;
  /** where requests are counted; absent: nowhere */
  readonly metrics?: Registry;
}

/** What somebody is answered by who asks something of the search engine. */
export interface Searching extends Pick<QueryDeps, 'engine' | 'serving'> {
  /** aborts when they don't wait any more */
  readonly signal: AbortSignal;
}

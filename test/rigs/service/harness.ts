import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import type { z } from 'zod';
import type { accessRules } from '../../../core/config/access-rules.ts';
import { catalogSchema } from '../../../core/config/catalogs.ts';
import type { drsSettings } from '../../../core/config/drs-settings.ts';
import type { SourceRef } from '../../../core/config/sources.ts';
import { indexBody, indexName, readAlias, readAliasFilter } from '../../../core/documents/index-layout.ts';
import { type Listening, listen } from '../../../core/http/server.ts';
import type { Identity } from '../../../core/model/authentication.ts';
import type { Document, MetadataPlugin } from '../../../core/model/metadata.ts';
import type { Repository } from '../../../core/model/repository.ts';
import { createApp } from '../../../query/app.ts';
import { catalogOf, catalogsOf } from '../../../query/catalogs.ts';
import type { QueryDeps } from '../../../query/deps.ts';
import type { Identify } from '../../../query/http/caller.ts';
import { connect } from '../../../query/opensearch.ts';
import { FacetCache } from '../../../query/search/facet-cache.ts';
import { Serving } from '../../../query/search/serving.ts';
import { engines } from '../engines.ts';
import { indexForm } from './index-form.ts';
import { noExports, someLinks } from './no-exports.ts';

/** A running service and the indices that it reads. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  readonly deployment: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  send(method: string, path: string, body?: string, type?: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are what the tests are about
  readonly body: any;
}

export interface ServiceOptions {
  readonly plugin: MetadataPlugin;
  readonly documents?: Readonly<Record<string, readonly Document[]>>;
  /** of the repository; default: `a` and `b` */
  readonly sources?: readonly SourceRef[];
  /** by subject; absent: everyone sees the first source */
  readonly sees?: (identity: Identity) => readonly string[];
  readonly deps?: Partial<QueryDeps>;
  readonly opensearchUrl?: string;
  /** absent: one of `sources` */
  readonly repository?: Repository;
  readonly catalog?: string;
  /** default: less than filters by long texts take */
  readonly urlBytes?: number;
  /** whose indices it reads; default: one of its own */
  readonly deployment?: string;
  /** of the catalog */
  readonly drs?: z.input<typeof drsSettings>;
  /** who may see which sources */
  readonly access?: z.input<typeof accessRules>;
  /** by which it forgets which indices serve */
  readonly now?: () => number;
  /** of each index; default 1 */
  readonly shards?: number;
}

const herbaria = ['a', 'b'].map((id) => ({ id, spec: `herbarium:${id}:` }));

/** The token says who calls. */
const identify: Identify = async (authorization) => ({ subject: authorization ?? null });

/** Starts a service over indices of its own. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const opensearch = options.opensearchUrl ?? (await engines.opensearch());
  const deployment = options.deployment ?? `t${randomBytes(6).toString('hex')}`;
  const catalogName = options.catalog ?? 'plants';
  const { plugin, documents = {}, sources = herbaria, urlBytes = 8_000 } = options;
  for (const type of Object.keys(documents)) {
    await fill(
      opensearch,
      { deployment, catalog: catalogName, entityType: type, generation: 1 },
      plugin,
      documents[type] ?? [],
      options.shards,
    );
  }
  const settings = catalogSchema.parse({
    atlas: plugin.name,
    plugins: { metadata: { name: plugin.name }, repository: { name: 'none' } },
    sources: sources.map(({ spec }) => spec),
    drs: options.drs,
    access: options.access,
  });
  const catalog = catalogOf(
    deployment,
    catalogName,
    settings,
    plugin,
    options.repository ?? repositoryOf(sources, options.sees ?? (() => sources.slice(0, 1).map(({ id }) => id))),
  );
  const engine = options.deps?.engine ?? connect(opensearch);
  const app = createApp({
    catalogs: catalogsOf(catalogName, [catalog]),
    engine,
    facets: new FacetCache(engine, { maxBytes: 1_000_000 }),
    exports: noExports,
    links: someLinks,
    serving: new Serving(engine, options.now === undefined ? {} : { now: options.now }),
    identify,
    checks: {},
    version: { git: { commit: 'c0ffee', dirty: false }, changes: [] },
    limits: { requestBytes: 100_000, urlBytes },
    logger: pino({ level: 'silent' }),
    ...options.deps,
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes });
  return serviceOf(server, deployment, async () => {
    await server.stop();
    await engine.close();
    await request(opensearch, 'DELETE', `/lazuli_${deployment}_*`).catch(() => undefined);
  });
}

function serviceOf(server: Listening, deployment: string, stop: () => Promise<void>): Service {
  const url = `http://127.0.0.1:${server.port}`;
  const call = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, { redirect: 'manual', ...init });
    const text = await response.text();
    const json = response.headers.get('Content-Type')?.startsWith('application/json') && text !== '';
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  return {
    url,
    deployment,
    get: (path, headers = {}) => call(path, { headers }),
    send: (method, path, body, type = 'application/json') =>
      call(path, body === undefined ? { method } : { method, body, headers: { 'Content-Type': type } }),
    [Symbol.asyncDispose]: stop,
  };
}

function repositoryOf(sources: readonly SourceRef[], sees: (identity: Identity) => readonly string[]): Repository {
  const never = () => {
    throw new TypeError('The service has no business with bundles');
  };
  return {
    answersAtOnce: true,
    listSources: async () => sources,
    accessibleSources: async (identity) => new Set(sees(identity)),
    listBundles: never,
    fetchBundle: never,
  };
}

/** Creates the index of one entity type with these documents, and a tombstone that nobody must ever see. */
async function fill(
  opensearch: string,
  name: Parameters<typeof indexName>[0],
  plugin: MetadataPlugin,
  documents: readonly Document[],
  shards = 1,
): Promise<void> {
  const index = indexName(name);
  const alias = readAlias(name.deployment, name.catalog, name.entityType);
  const layout = indexBody(plugin, name.entityType, { number_of_shards: shards });
  const body = { ...layout, aliases: { [alias]: { filter: readAliasFilter } } };
  await request(opensearch, 'PUT', `/${index}`, JSON.stringify(body));
  const lines = documents.flatMap((document) => [
    { index: { _id: document.entity_id } },
    indexForm(plugin, name.entityType, document),
  ]);
  const bulk = [...lines, { index: { _id: 'gone' } }, { _deleted: true }].map((line) => `${JSON.stringify(line)}\n`);
  const answer = await request(opensearch, 'POST', `/${index}/_bulk?refresh=true`, bulk.join(''));
  if ((answer as { errors: boolean }).errors) throw new Error(JSON.stringify(answer).slice(0, 2000));
}

/** Asks OpenSearch itself. */
async function request(opensearch: string, method: string, path: string, body?: string): Promise<unknown> {
  const headers = { 'Content-Type': path.includes('_bulk') ? 'application/x-ndjson' : 'application/json' };
  const response = await fetch(opensearch + path, { method, ...(body === undefined ? {} : { body, headers }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 2000)}`);
  return JSON.parse(text);
}

/** A query string with filters. */
export function withFilters(filters: unknown, more: Readonly<Record<string, string>> = {}): string {
  return `?${new URLSearchParams({ filters: JSON.stringify(filters), ...more })}`;
}

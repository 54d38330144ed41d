import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { ownerUrls, peerUrl } from '../../core/config/peers.ts';
import { indexPrefix } from '../../core/config/search-names.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { Restriction } from '../../core/config/sources.ts';
import { readAlias } from '../../core/documents/index-layout.ts';
import { withSlash } from '../../core/http/ask.ts';
import { longWorkMillis } from '../../core/http/long-work.ts';
import { repeating } from '../../core/http/repeated.ts';
import { type Run, type RunOptions, runSchema } from '../../core/runs/run.ts';
import { askJson } from './http.ts';

/** What the transform worker says of one catalog, as far as we need it. */
const catalogSchema = z.looseObject({
  state: z.string(),
  /** why nothing goes on */
  pause: z.looseObject({ reason: z.string() }).nullable(),
  /** the one that serves; null while there is none */
  generation: z.int().nullable(),
  /** of the one that serves, beside that of the worker's code */
  layout: z.enum(['former', 'current', 'later']).nullable(),
  /** of the indices that serve, and as the settings ask for; absent: the worker doesn't say */
  shards: z.looseObject({ serving: z.int(), wanted: z.int() }).nullish(),
  /** former generations that are current, to go back to */
  kept: z.array(z.int()),
  /** documents */
  rebuild: z.looseObject({ generation: z.int(), done: z.int(), expected: z.int() }).nullable(),
  /** why the last run has not succeeded */
  failure: z.string().nullable(),
  /** absent while the catalog is being taken over */
  batches: z.looseObject({ staged: z.int(), stored: z.int() }).optional(),
  /** documents that wait to be written */
  outbox: z.int().optional(),
  sources: z.array(z.looseObject({ id: z.string(), spec: z.string(), stored: z.int(), selected: z.int() })).optional(),
});
export type CatalogState = z.output<typeof catalogSchema>;

const transformSchema = z.looseObject({ catalogs: z.record(z.string(), catalogSchema) });

const ingestSchema = z.looseObject({
  /** by catalog, why it isn't worked on */
  refused: z.record(z.string(), z.string()).default({}),
  paused: z.looseObject({ reason: z.string() }).nullable(),
  /** `pending`: notifications that were read and have not had their effect yet */
  shards: z.array(z.looseObject({ state: z.string(), pending: z.int(), millisBehindLatest: z.number().nullable() })),
});
export type IngestState = z.output<typeof ingestSchema>;

/** What the owners of all catalogs say. @throws LazuliError `unavailable` */
export async function transformStatus(settings: Settings): Promise<z.output<typeof transformSchema>> {
  const urls = [...new Set(ownerUrls(settings).values())];
  const answers = await Promise.all(
    urls.map((url) => askJson('The transform worker', `${url}/status`, transformSchema)),
  );
  return { catalogs: Object.assign({}, ...answers.map(({ catalogs }) => catalogs)) };
}

/** @throws LazuliError `unavailable` */
export function ingestStatus(settings: Settings): Promise<IngestState> {
  return askJson('The ingest worker', `${peerUrl(settings, 'ingest')}/status`, ingestSchema);
}

/** Has a catalog indexed again from its staged batches; returns when that was accepted. */
export async function startReindex(settings: Settings, catalog: string): Promise<void> {
  await order(settings, '/reindex', { catalog });
}

/** Begins a run. @throws LazuliError `conflict` where one is running */
export function startRun(settings: Settings, catalog: string, options: RunOptions): Promise<Run> {
  return askJson('The transform worker', `${ownerUrl(settings, catalog)}/runs/start`, runSchema, {
    catalog,
    ...options,
  });
}

/** Has everything of a source removed that is staged by now; returns when that is certain to happen. */
export async function removeSource(settings: Settings, catalog: string, source: string): Promise<void> {
  await order(settings, '/sources/remove', { catalog, source });
}

const replaySchema = z.looseObject({ batches: z.int() });

/** Has batches loaded once more. @returns how many; when that is certain to happen */
export async function replay(settings: Settings, catalog: string, from: Date): Promise<number> {
  const url = `${ownerUrl(settings, catalog)}/replay`;
  return (await askJson('The transform worker', url, replaySchema, { catalog, from: from.toISOString() })).batches;
}

const generationSchema = z.looseObject({ generation: z.int() });

/** Lets a former generation serve again. @returns its number */
export async function rollBack(settings: Settings, catalog: string, generation: number | undefined): Promise<number> {
  const url = `${ownerUrl(settings, catalog)}/rollback`;
  const asked = { catalog, generation };
  return (await askJson('The transform worker', url, generationSchema, asked, longWorkMillis)).generation;
}

/** Deletes a generation that doesn't serve. */
export async function dropGeneration(settings: Settings, catalog: string, generation: number): Promise<void> {
  await order(settings, '/drop', { catalog, generation });
}

/** Builds of generations of a catalog, the latest first. */
export function listRuns(settings: Settings, catalog: string): Promise<readonly Run[]> {
  const url = `${ownerUrl(settings, catalog)}/runs/${encodeURIComponent(catalog)}`;
  return askJson('The transform worker', url, z.array(runSchema));
}

const forecastSchema = z.looseObject({
  generation: z.int().nullable(),
  documents: z.int(),
  types: z.array(
    z.looseObject({
      entityType: z.string(),
      ...{ before: z.int(), after: z.int(), vanished: z.int(), appeared: z.int() },
      sources: z.record(z.string(), z.int()),
    }),
  ),
  sampled: z.looseObject({ documents: z.int(), changed: z.int() }).nullable(),
});
export type ForecastState = z.output<typeof forecastSchema>;

/** What a reindex from what is staged would come to; begins none. */
export function forecastRun(settings: Settings, catalog: string, restriction: Restriction): Promise<ForecastState> {
  const url = `${ownerUrl(settings, catalog)}/runs/forecast`;
  return askJson('The transform worker', url, forecastSchema, { catalog, ...restriction }, longWorkMillis);
}

/** Gives a run up, or tries it once more. */
export async function changeRun(
  settings: Settings,
  catalog: string,
  change: 'cancel' | 'resume',
  id: string,
  options: { readonly acceptVanished?: true } = {},
): Promise<void> {
  await order(settings, `/runs/${change}`, { catalog, id }, options);
}

const verificationSchema = z.looseObject({
  generation: z.int(),
  documents: z.int(),
  recomputed: z.int(),
  dead: z.int(),
  differences: z.array(
    z.looseObject({
      entityType: z.string(),
      source: z.string(),
      from: z.string(),
      store: z.looseObject({ documents: z.int() }),
      index: z.looseObject({ documents: z.int() }),
    }),
  ),
  largest: z.array(z.looseObject({ document: z.string(), bundles: z.int(), by: z.enum(['reference', 'statements']) })),
  others: z.array(z.looseObject({ document: z.string(), path: z.string(), index: z.string(), expected: z.string() })),
  mappings: z.array(z.string()),
});

/** Compares a generation with the store; the one that serves by default. */
export function verify(settings: Settings, catalog: string, generation: number | undefined) {
  const url = `${ownerUrl(settings, catalog)}/verify`;
  return askJson('The transform worker', url, verificationSchema, { catalog, generation }, longWorkMillis);
}

const documentSchema = z.looseObject({ catalog: z.string() });

/** Has a document computed and written again. @param document as its dead letter names it */
export async function touch(settings: Settings, document: unknown): Promise<void> {
  await order(settings, '/touch', documentSchema.parse(document));
}

interface Order {
  readonly catalog: string;
  readonly [member: string]: unknown;
}

/** Has something done by the owner of a catalog, whose answer repeats what that is. @param how it is to be done */
async function order(settings: Settings, path: string, what: Order, how: object = {}): Promise<void> {
  const url = `${ownerUrl(settings, what.catalog)}${path}`;
  await askJson('The transform worker', url, repeating(what), { ...what, ...how });
}

function ownerUrl(settings: Settings, catalog: string): string {
  const url = ownerUrls(settings).get(catalog);
  if (url !== undefined) return url;
  throw new LazuliError('not_found', `There is no catalog '${catalog}'.`, {
    remedy: `Choose one of: ${Object.keys(settings.catalogs).join(', ')}.`,
  });
}

/** Nothing was left out; where there is no index, there are no shards. */
const counted = z
  .looseObject({ total: z.int(), successful: z.int(), failed: z.literal(0) })
  .refine(({ total, successful }) => successful === total);
const countSchema = z.looseObject({ count: z.int(), _shards: counted });
const refreshSchema = z.looseObject({ _shards: z.looseObject({ failed: z.literal(0) }) });

/** Documents of one entity type that a search finds now; 0 while there is no index. */
export async function countDocuments(
  { opensearch, deployment }: Settings,
  catalog: string,
  entityType: string,
): Promise<number> {
  const path = `${readAlias(deployment, catalog, entityType)}/_count?ignore_unavailable=true&allow_no_indices=true`;
  return (await askJson('OpenSearch', new URL(path, withSlash(opensearch.url)).href, countSchema)).count;
}

/** Makes everything written so far visible to searches. */
export async function refresh({ opensearch, deployment }: Settings): Promise<void> {
  const path = `${indexPrefix(deployment)}*/_refresh?allow_no_indices=true`;
  await askJson('OpenSearch', new URL(path, withSlash(opensearch.url)).href, refreshSchema, {});
}

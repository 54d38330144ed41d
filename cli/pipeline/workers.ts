import { z } from 'zod';
import type { Settings } from '../../config/settings.ts';
import { askJson } from './http.ts';

/** How a reindexing of a catalog goes on, in documents. */
const reindexSchema = z.looseObject({
  state: z.enum(['running', 'done', 'failed']),
  done: z.number().default(0),
  total: z.number().default(0),
  message: z.string().optional(),
});
export type ReindexState = z.output<typeof reindexSchema>;

/** What the transform worker says of one catalog, as far as we need it. */
const catalogSchema = z.looseObject({
  /** batches in the store */
  batches: z.int(),
  /** documents that wait to be written */
  outbox: z.int(),
  /** stored notifications by source id */
  sources: z.record(z.string(), z.int()).optional(),
  /** why nothing goes on, and since when */
  paused: z.looseObject({ reason: z.string() }).nullish(),
  reindex: reindexSchema.nullish(),
});
export type CatalogState = z.output<typeof catalogSchema>;

const transformSchema = z.looseObject({ catalogs: z.record(z.string(), catalogSchema) });

const ingestSchema = z.looseObject({
  counts: z.looseObject({ read: z.int(), staged: z.int(), deadLettered: z.int() }),
  paused: z.looseObject({ reason: z.string() }).nullish(),
});

const control = ({ http }: Settings, port: 'ingest' | 'transform', path: string): string =>
  `http://${http.host}:${http[port]}${path}`;

/** @throws LazuliError `unavailable` */
export function transformStatus(settings: Settings): Promise<z.output<typeof transformSchema>> {
  return askJson('The transform worker', control(settings, 'transform', '/status'), transformSchema);
}

/** @throws LazuliError `unavailable` */
export function ingestStatus(settings: Settings): Promise<z.output<typeof ingestSchema>> {
  return askJson('The ingest worker', control(settings, 'ingest', '/status'), ingestSchema);
}

/** Has a catalog indexed again from its staged batches; returns when that has begun. */
export async function startReindex(settings: Settings, catalog: string): Promise<void> {
  await askJson('The transform worker', control(settings, 'transform', '/reindex'), z.unknown(), { catalog });
}

/** Has a document computed and written again. @param document as its dead letter names it */
export async function touch(settings: Settings, document: unknown): Promise<void> {
  await askJson('The transform worker', control(settings, 'transform', '/touch'), z.unknown(), document);
}

/** Has a batch loaded again that could not be. */
export async function load(settings: Settings, pointer: unknown): Promise<void> {
  await askJson('The transform worker', control(settings, 'transform', '/load'), z.unknown(), pointer);
}

const countSchema = z.looseObject({ count: z.int() });

/** Documents of an index or alias that a search finds now; 0 where there is none. */
export async function countDocuments({ opensearch }: Settings, index: string): Promise<number> {
  const url = new URL(`${index}/_count?ignore_unavailable=true&allow_no_indices=true`, withSlash(opensearch.url));
  return (await askJson('OpenSearch', url.href, countSchema)).count;
}

/** Makes everything written so far visible to searches. */
export async function refresh({ opensearch, deployment }: Settings): Promise<void> {
  const path = `lazuli_${deployment}_*/_refresh?allow_no_indices=true`;
  await askJson('OpenSearch', new URL(path, withSlash(opensearch.url)).href, z.unknown(), {});
}

export const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

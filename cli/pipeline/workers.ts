import { z } from 'zod';
import type { Settings } from '../../config/settings.ts';
import { readAlias } from '../../transform/index-layout.ts';
import { askJson } from './http.ts';

/** What the transform worker says of one catalog, as far as we need it. */
const catalogSchema = z.looseObject({
  state: z.string(),
  /** why nothing goes on */
  pause: z.looseObject({ reason: z.string() }).nullable(),
  /** the one that serves; null while there is none */
  generation: z.int().nullable(),
  /** documents */
  rebuild: z.looseObject({ done: z.int(), expected: z.int() }).nullable(),
  /** absent while the catalog is being taken over */
  batches: z.looseObject({ staged: z.int(), stored: z.int() }).optional(),
  /** documents that wait to be written */
  outbox: z.int().optional(),
  sources: z.array(z.looseObject({ id: z.string(), stored: z.int() })).optional(),
});
export type CatalogState = z.output<typeof catalogSchema>;

const transformSchema = z.looseObject({ catalogs: z.record(z.string(), catalogSchema) });

const ingestSchema = z.looseObject({
  paused: z.looseObject({ reason: z.string() }).nullable(),
  /** `pending`: notifications that were read and have not had their effect yet */
  shards: z.array(z.looseObject({ state: z.string(), pending: z.int(), millisBehindLatest: z.number().nullable() })),
});
export type IngestState = z.output<typeof ingestSchema>;

const control = ({ http }: Settings, port: 'ingest' | 'transform', path: string): string =>
  `http://${http.host}:${http[port]}${path}`;

/** @throws LazuliError `unavailable` */
export function transformStatus(settings: Settings): Promise<z.output<typeof transformSchema>> {
  return askJson('The transform worker', control(settings, 'transform', '/status'), transformSchema);
}

/** @throws LazuliError `unavailable` */
export function ingestStatus(settings: Settings): Promise<IngestState> {
  return askJson('The ingest worker', control(settings, 'ingest', '/status'), ingestSchema);
}

/** Has a catalog indexed again from its staged batches; returns when that was accepted. */
export async function startReindex(settings: Settings, catalog: string): Promise<void> {
  await askJson('The transform worker', control(settings, 'transform', '/reindex'), z.unknown(), { catalog });
}

/** Has a document computed and written again. @param document as its dead letter names it */
export async function touch(settings: Settings, document: unknown): Promise<void> {
  await askJson('The transform worker', control(settings, 'transform', '/touch'), z.unknown(), document);
}

const countSchema = z.looseObject({ count: z.int() });

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
  const path = `lazuli_${deployment}_*/_refresh?allow_no_indices=true`;
  await askJson('OpenSearch', new URL(path, withSlash(opensearch.url)).href, z.unknown(), {});
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

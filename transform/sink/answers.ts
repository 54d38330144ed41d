import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { partsOf } from '../../core/config/json-parts.ts';
import { jsonBytes, textOf } from '../../core/config/text.ts';
import type { ClusterAnswer, SearchCluster } from './search-cluster.ts';

/**
 * What an answer of OpenSearch says. Whatever isn't a success of the shape that was asked for is no answer, of whatever
 * status: a proxy's page has 200, too. Then nothing is known of what was asked for, and it is to be asked again.
 *
 * @param what was asked for, as in “refused to …”
 * @throws LazuliError `index_unavailable`
 */
export async function checked<T>(
  request: ClusterAnswer | Promise<ClusterAnswer>,
  what: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const { status, body } = await request;
  const isSuccess = status >= 200 && status < 300;
  const { success, data, error: cause } = schema.safeParse(body);
  if (isSuccess && success) return data;
  const refused = isSuccess ? `gave no answer that could be believed when asked to ${what}` : `refused to ${what}`;
  throw new LazuliError('index_unavailable', `OpenSearch ${refused}: ${status} ${shown(body)}`, {
    remedy:
      'Remove the cause that OpenSearch names, or what answers in its place; `lazuli status` shows when work goes on.',
    ...(isSuccess ? { cause } : {}),
  });
}

/** The beginning of a body. */
export const shown = (body: unknown): string => JSON.stringify(body).slice(0, 500);

/** To what changes indices, aliases or settings. */
export const acknowledged = z.object({ acknowledged: z.literal(true) });

/** Copies that have no node yet are no failure. */
export const refreshed = z.object({
  _shards: z.object({ total: z.int().min(1), successful: z.int().min(1), failed: z.literal(0) }),
});

const described = z.object({
  mappings: z.looseObject({ properties: z.record(z.string(), z.unknown()), _meta: z.unknown().optional() }),
});

/**
 * The mapping of an index. Each of ours has fields, and those of today say what made them.
 *
 * @throws LazuliError `index_unavailable`
 */
export function mappingOf(cluster: SearchCluster, index: string) {
  const ofIndex = z
    .record(z.string(), z.unknown())
    .transform((answer) => answer[index])
    .pipe(described)
    .transform(({ mappings }) => mappings);
  return checked(cluster.request('GET', `/${index}/_mapping`), `show the mapping of ${index}`, ofIndex);
}

const bulkItem = z
  .object({
    _id: z.string(),
    status: z.int().min(200).max(599),
    error: z.object({ type: z.string(), reason: z.string().nullish() }).optional(),
  })
  .refine(({ status, error }) => status < 300 === (error === undefined));

/** An item of the answer to a bulk request, as far as it is asked for. */
export type BulkItem = z.output<typeof bulkItem>;

/** What `bulkAnswer` needs of an answer. */
export const bulkFilter = { filter_path: 'items.*._id,items.*.status,items.*.error.type,items.*.error.reason' };

/** To a bulk request: one item for each that was sent, in order. @param ids that were sent */
export const bulkAnswer = (ids: readonly string[]) =>
  z
    .object({ items: z.array(z.object({ index: bulkItem })) })
    .refine(({ items }) => items.length === ids.length && items.every(({ index }, i) => index._id === ids[i]))
    .transform(({ items }) => items.map(({ index }) => index));

/** A document as an index has it, as far as it is asked for. */
export interface StoredDocument<S> {
  readonly _id: string;
  readonly _version: number;
  readonly _source: S;
}

/** Where a document is. */
export interface DocumentPlace {
  readonly _index: string;
  readonly _id: string;
}

const absent = z.object({ found: z.literal(false), _id: z.string() });

/**
 * Documents as they are stored, whether or not a search finds them yet.
 *
 * @param source its members alone are asked for; all, where it is no object
 * @returns in the order asked for; null where there is none
 * @throws LazuliError `index_unavailable`, also where it can't be said of one of them
 */
export async function storedDocuments<S>(
  cluster: SearchCluster,
  places: readonly DocumentPlace[],
  source: z.ZodType<S>,
): Promise<readonly (StoredDocument<S> | null)[]> {
  const members = source instanceof z.ZodObject ? { _source: Object.keys(source.shape) } : {};
  const read = cluster.request('POST', '/_mget', { docs: places.map((place) => ({ ...place, ...members })) });
  const { docs } = await checked(read, `give ${places.length} documents`, asAsked(places, source));
  return docs.map((one) => (one.found ? one : null));
}

/**
 * The very texts of documents, as they were written. @returns in the order asked for; null where there is none
 * @throws LazuliError `index_unavailable`
 */
export async function storedTexts(
  cluster: SearchCluster,
  places: readonly DocumentPlace[],
): Promise<readonly (string | null)[]> {
  const answer = await cluster.request('POST', '/_mget', { docs: places });
  const { docs } = await checked(answer, `give ${places.length} documents`, asAsked(places, z.unknown()));
  const [{ text: list } = { text: '[]' }] = partsOf(textOf(answer.bytes ?? jsonBytes(Object(answer.body))));
  const texts = partsOf(list);
  return docs.map(({ found }, i) => (found ? sourceIn(texts[i]?.text ?? '{}') : null));
}

const sourceIn = (document: string): string => partsOf(document).find(({ name }) => name === '_source')?.text ?? '';

function asAsked<S>(places: readonly DocumentPlace[], source: z.ZodType<S>) {
  const present = z.object({ found: z.literal(true), _id: z.string(), _version: z.int(), _source: source });
  return z
    .object({ docs: z.array(z.union([present, absent])) })
    .refine(({ docs }) => docs.length === places.length && docs.every(({ _id }, i) => _id === places[i]?._id));
}

import { z } from 'zod';
import { text } from '../../core/duckdb/sql.ts';
import { ofAllDocuments } from '../../core/search/search-answers.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { indexOf } from '../generations/indices.ts';
import { heldDocuments } from '../generations/ledger.ts';
import { checked } from '../sink/answers.ts';
import type { EntityKey } from '../store/schema.ts';
import { isAlive } from './dead-documents.ts';

/** Documents of one entity type, one source and one part of the ids: how many, and the sum of their `_hash`. */
export interface Sum {
  readonly documents: number;
  readonly hashes: number;
}

/** Where store and index differ. */
export interface Difference {
  readonly entityType: string;
  readonly source: string;
  /** ids from this one on, below the next such bound */
  readonly from: string;
  /** what must be there */
  readonly store: Sum;
  readonly index: Sum;
}

/** The result of comparing sums. */
export interface ComparedSums {
  /** documents that were counted; one of several sources counts for each */
  readonly documents: number;
  readonly differences: readonly Difference[];
}

/** OpenSearch gives no more in an answer. */
const mostSums = 60_000;
/** Sums are rounded to doubles, in another order on each side. */
const tolerance = 1e-12;

/** First characters at which ids are split: UUIDs evenly, anything else somehow. */
const bounds = ['', ...'123456789abcdef'];

/**
 * Compares number and sum of hashes of the documents of a generation, per entity type, source and part of the ids, with
 * what the ledger says of every entity that a selected bundle mentions.
 *
 * @param dead documents that are with the dead letters: left out
 * @throws LazuliError `index_unavailable`
 */
export async function compareSums(
  context: CatalogContext,
  dead: readonly EntityKey[],
  generation: number,
): Promise<ComparedSums> {
  const expected = await storedSums(context, dead, generation);
  const found = new Map<string, Sum>();
  const types = Object.keys(context.plugin.entityTypes);
  for (const [type, entityType] of types.entries()) {
    const ids = dead.filter((one) => one.entityType === type).map(({ entityId }) => entityId);
    for (const [key, sum] of await indexedSums(context, indexOf(context, entityType, generation), ids))
      found.set(`${type} ${key}`, sum);
  }
  const keys = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (key) => !same(expected.get(key) ?? none, found.get(key) ?? none),
  );
  const differences = keys.map((key) => {
    const [type = '', part = '', source = ''] = key.split(' ');
    const at = { entityType: types[Number(type)] ?? type, source, from: bounds[Number(part)] ?? '' };
    return { ...at, store: expected.get(key) ?? none, index: found.get(key) ?? none };
  });
  const documents = [...expected.values()].reduce((sum, one) => sum + one.documents, 0);
  return { documents, differences };
}

const none: Sum = { documents: 0, hashes: 0 };

function same(a: Sum, b: Sum): boolean {
  return a.documents === b.documents && Math.abs(a.hashes - b.hashes) <= tolerance * Math.max(a.hashes, b.hashes);
}

/** By `<number of entity type> <part of ids> <source>`. */
async function storedSums(
  { store }: CatalogContext,
  dead: readonly EntityKey[],
  generation: number,
): Promise<ReadonlyMap<string, Sum>> {
  const part = bounds
    .slice(1)
    .reduceRight(
      (rest, bound, i) => `CASE WHEN entity_id < ${text(bound)} THEN ${i} ELSE ${rest} END`,
      String(bounds.length - 1),
    );
  const rows =
    await store.rows(`SELECT concat_ws(' ', entity_type, ${part}, source_id) AS key, count(*) AS documents, coalesce(sum(hash), 0)::DOUBLE AS hashes
    FROM (SELECT DISTINCT e.entity_type, e.entity_id, b.source_id FROM entities e JOIN bundles b USING (bundle_key) WHERE b.selected AND ${isAlive(dead, 'e')})
      LEFT JOIN (${heldDocuments(generation)}) USING (entity_type, entity_id)
    GROUP BY key`);
  return new Map(
    rows.map(({ key, documents, hashes }) => [String(key), { documents: Number(documents), hashes: Number(hashes) }]),
  );
}

const bucket = z.object({ doc_count: z.int(), hashes: z.object({ value: z.number() }) });
const buckets = z.object(Object.fromEntries(bounds.map((_, i) => [i, bucket])));
const sums = ofAllDocuments.extend({
  aggregations: z.object({
    sources: z.object({
      sum_other_doc_count: z.literal(0),
      buckets: z.array(z.object({ key: z.string(), parts: z.object({ buckets }) })),
    }),
  }),
});

/** By `<part of ids> <source>`. */
async function indexedSums(
  { cluster }: CatalogContext,
  index: string,
  dead: readonly string[],
): Promise<ReadonlyMap<string, Sum>> {
  const ranges = bounds.map((from, i) => {
    const to = bounds[i + 1];
    return [i, { range: { entity_id: { gte: from, ...(to === undefined ? {} : { lt: to }) } } }] as const;
  });
  const parts = { filters: { filters: Object.fromEntries(ranges) }, aggs: { hashes: { sum: { field: '_hash' } } } };
  const size = Math.floor(mostSums / bounds.length);
  const search = cluster.request('POST', `/${index}/_search`, {
    size: 0,
    query: { bool: { must_not: [{ term: { _deleted: true } }, { terms: { entity_id: dead } }] } },
    aggs: { sources: { terms: { field: 'sources.id', size }, aggs: { parts } } },
  });
  const { sources } = (await checked(search, `sum up ${index}`, sums)).aggregations;
  return new Map(
    sources.buckets.flatMap(({ key: source, parts: { buckets: found } }) =>
      Object.entries(found)
        .filter(([, { doc_count }]) => doc_count > 0)
        .map(
          ([part, { doc_count, hashes }]) =>
            [`${part} ${source}`, { documents: doc_count, hashes: hashes.value }] as const,
        ),
    ),
  );
}

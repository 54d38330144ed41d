import { z } from 'zod';
import { text } from '../../core/duckdb/sql.ts';
import { ofAllDocuments } from '../../core/search/search-answers.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { type GenerationsOf, indexOf } from '../generations/indices.ts';
import { heldDocuments } from '../generations/ledger.ts';
import { checked } from '../sink/answers.ts';
import type { EntityKey } from '../store/schema.ts';
import { isAlive } from './dead-documents.ts';

/** Documents of one entity type, one source and one part of the ids: how many, and the sum of their `_hash`. */
export interface Sum {
  readonly documents: number;
  readonly hashes: number;
}

/** By `<number of entity type> <part of ids> <source>`. */
export type Sums = ReadonlyMap<string, Sum>;

/** Where what was found differs from what the store says. */
export interface Difference {
  readonly entityType: string;
  readonly source: string;
  /** ids from this one on, below the next such bound */
  readonly from: string;
  /** what must be there */
  readonly store: Sum;
  readonly found: Sum;
}

/** OpenSearch gives no more sums in an answer. */
const mostSums = 60_000;
/** Sums are rounded to doubles, in another order on each side. */
const tolerance = 1e-12;

/** First characters at which ids are split: UUIDs evenly, anything else somehow. */
const bounds = ['', ...'123456789abcdef'];
/** Sources of which an answer may have the sums. */
const mostSources = Math.floor(mostSums / bounds.length);

/** @param found what must have the same sums */
export function differingSums({ plugin }: CatalogContext, expected: Sums, found: Sums): readonly Difference[] {
  const types = Object.keys(plugin.entityTypes);
  const keys = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (key) => !same(expected.get(key) ?? none, found.get(key) ?? none),
  );
  return keys.map((key) => {
    const [, type = '', part = '', source = ''] = /^(\d+) (\d+) (.*)$/s.exec(key) ?? [];
    const at = { entityType: types[Number(type)] ?? type, source, from: bounds[Number(part)] ?? '' };
    return { ...at, store: expected.get(key) ?? none, found: found.get(key) ?? none };
  });
}

/** Documents that were counted; one of several sources counts for each. */
export const countOf = (sums: Sums): number => [...sums.values()].reduce((sum, one) => sum + one.documents, 0);

const none: Sum = { documents: 0, hashes: 0 };

function same(a: Sum, b: Sum): boolean {
  return a.documents === b.documents && Math.abs(a.hashes - b.hashes) <= tolerance * Math.max(a.hashes, b.hashes);
}

const partOfId = bounds
  .slice(1)
  .reduceRight(
    (rest, bound, i) => `CASE WHEN entity_id < ${text(bound)} THEN ${i} ELSE ${rest} END`,
    String(bounds.length - 1),
  );

/** Sums of documents that SQL gives: rows `entity_type`, `entity_id`, `source_id`, `hash`, one for each source. */
export async function sumsOf({ store }: CatalogContext, documents: string): Promise<Sums> {
  const rows = await store.rows(`SELECT concat_ws(' ', entity_type, ${partOfId}, source_id) AS key,
      count(*) AS documents, coalesce(sum(hash), 0)::DOUBLE AS hashes
    FROM (${documents}) GROUP BY key`);
  return new Map(
    rows.map(({ key, documents: count, hashes }) => [
      String(key),
      { documents: Number(count), hashes: Number(hashes) },
    ]),
  );
}

/**
 * What the ledger says of every entity that a selected bundle mentions.
 *
 * @param dead documents that are with the dead letters: left out
 */
export function storedSums(context: CatalogContext, dead: readonly EntityKey[], generation: number): Promise<Sums> {
  return sumsOf(
    context,
    `SELECT entity_type, entity_id, source_id, hash
    FROM (SELECT DISTINCT e.entity_type, e.entity_id, b.source_id FROM entities e JOIN bundles b USING (bundle_key) WHERE b.selected AND ${isAlive(dead, 'e')})
      LEFT JOIN (${heldDocuments(generation)}) USING (entity_type, entity_id)`,
  );
}

/**
 * What the indices of a generation have.
 *
 * @throws LazuliError `index_unavailable`
 */
export async function indexedSums(
  context: GenerationsOf,
  dead: readonly EntityKey[],
  generation: number,
): Promise<Sums> {
  const found = new Map<string, Sum>();
  for (const [type, entityType] of Object.keys(context.plugin.entityTypes).entries()) {
    const ids = dead.filter((one) => one.entityType === type).map(({ entityId }) => entityId);
    for (const [key, sum] of await sumsOfIndex(context, indexOf(context, entityType, generation), ids))
      found.set(`${type} ${key}`, sum);
  }
  return found;
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

/** By `<part of ids> <source>`. Sources are asked for in as many parts as it takes for the engine to give all of each. */
async function sumsOfIndex(of: GenerationsOf, index: string, dead: readonly string[]): Promise<Sums> {
  const query = { bool: { must_not: [{ term: { _deleted: true } }, { terms: { entity_id: dead } }] } };
  const num_partitions = Math.max(1, Math.ceil((await sourcesIn(of, index)) / (mostSources / 2)));
  const found = new Map<string, Sum>();
  for (let partition = 0; partition < num_partitions; partition++) {
    const some = num_partitions === 1 ? {} : { include: { partition, num_partitions } };
    const terms = { field: 'sources.id', size: mostSources, shard_size: mostSources, ...some };
    const body = { size: 0, query, aggs: { sources: { terms, aggs: { parts: partSums } } } };
    const { sources } = (await checked(of.cluster.request('POST', `/${index}/_search`, body), `sum up ${index}`, sums))
      .aggregations;
    for (const { key: source, parts } of sources.buckets)
      for (const [part, { doc_count: documents, hashes }] of Object.entries(parts.buckets))
        if (documents > 0) found.set(`${part} ${source}`, { documents, hashes: hashes.value });
  }
  return found;
}

const cardinality = ofAllDocuments.extend({
  aggregations: z.object({ sources: z.object({ value: z.int().nonnegative() }) }),
});

/** About as many sources as the documents of an index have. */
async function sourcesIn({ cluster }: GenerationsOf, index: string): Promise<number> {
  const body = { size: 0, aggs: { sources: { cardinality: { field: 'sources.id', precision_threshold: 40_000 } } } };
  const answer = await checked(
    cluster.request('POST', `/${index}/_search`, body),
    `count the sources of ${index}`,
    cardinality,
  );
  return answer.aggregations.sources.value;
}

/** Of the documents of a source, by part of their ids. */
const partSums = {
  filters: {
    filters: Object.fromEntries(
      bounds.map((from, i) => {
        const to = bounds[i + 1];
        return [i, { range: { entity_id: { gte: from, ...(to === undefined ? {} : { lt: to }) } } }] as const;
      }),
    ),
  },
  aggs: { hashes: { sum: { field: '_hash' } } },
};

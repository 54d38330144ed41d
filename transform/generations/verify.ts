import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { LazuliError } from '../../config/errors.ts';
import type { Emission, EntityKey } from '../emission.ts';
import { indexName } from '../index-layout.ts';
import { text } from '../sql.ts';
import type { Store } from '../store/store.ts';
import { isAlive } from './former.ts';
import type { GenerationsOf } from './indices.ts';
import { heldDocuments } from './ledger.ts';
import { mappingDifferences } from './mapping.ts';

/** Documents of one entity type, one source and one part of the ids: how many, and the sum of their `_hash`. */
interface Sum {
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

/** What comparing a generation with the store came to. */
export interface Verification {
  readonly generation: number;
  /** documents that were counted; one of several sources counts for each */
  readonly documents: number;
  /** the first ones */
  readonly differences: readonly Difference[];
  /** `<entity type>/<entity id>` of documents that were computed again and found to be others in the index */
  readonly others: readonly string[];
  /** `<entity type>: <path>` in index mappings that aren't as generated; the first ones */
  readonly mappings: readonly string[];
  /** documents that were computed again */
  readonly recomputed: number;
  /** documents that can't be written, by their dead letters: left out of the comparison */
  readonly dead: number;
}

export interface VerifyParts {
  readonly of: GenerationsOf;
  readonly store: Store;
  readonly emission: Emission;
  /** documents that are with the dead letters */
  readonly dead: readonly EntityKey[];
}

/** In reports. */
const mostDifferences = 20;
/** Of each entity type, beside the one of most bundles. */
const recomputedAtRandom = 5;
/** OpenSearch gives no more in an answer. */
const mostSums = 60_000;
/** Sums are rounded to doubles, in another order on each side. */
const tolerance = 1e-12;

/** First characters at which ids are split: UUIDs evenly, anything else somehow. */
const bounds = ['', ...'123456789abcdef'];

export const agrees = ({ differences, others, mappings }: Verification): boolean =>
  differences.length === 0 && others.length === 0 && mappings.length === 0;

/**
 * Compares a generation with the store: number and sum of hashes of the documents per entity type, source and part of
 * the ids, against what the ledger says of every entity that a selected bundle mentions; and some documents, those of
 * most bundles among them, computed again and compared member by member; and its mappings with those generated. Nothing may wait to be written, and the
 * generation must be refreshed.
 *
 * @throws LazuliError `index_unavailable`
 */
export async function verifyGeneration(parts: VerifyParts, generation: number): Promise<Verification> {
  const { of, store, dead } = parts;
  const expected = await storedSums(parts, generation);
  const found = new Map<string, Sum>();
  const types = Object.keys(of.plugin.entityTypes);
  for (const [type, entityType] of types.entries()) {
    const ids = dead.filter((one) => one.entityType === type).map(({ entityId }) => entityId);
    for (const [key, sum] of await indexedSums(of, { ...of, entityType, generation }, ids))
      found.set(`${type} ${key}`, sum);
  }
  const keys = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (key) => !same(expected.get(key) ?? none, found.get(key) ?? none),
  );
  const differences = keys.slice(0, mostDifferences).map((key) => {
    const [type = '', part = '', source = ''] = key.split(' ');
    const at = { entityType: types[Number(type)] ?? type, source, from: bounds[Number(part)] ?? '' };
    return { ...at, store: expected.get(key) ?? none, index: found.get(key) ?? none };
  });
  const documents = [...expected.values()].reduce((sum, one) => sum + one.documents, 0);
  await sample(store, dead);
  const { others, recomputed } = await recompute(parts, generation, types);
  const mappings = (await mappingDifferences(of, generation)).slice(0, mostDifferences);
  return { generation, documents, differences, others, mappings, recomputed, dead: dead.length };
}

const none: Sum = { documents: 0, hashes: 0 };

function same(a: Sum, b: Sum): boolean {
  return a.documents === b.documents && Math.abs(a.hashes - b.hashes) <= tolerance * Math.max(a.hashes, b.hashes);
}

/** By `<number of entity type> <part of ids> <source>`. */
async function storedSums({ store, dead }: VerifyParts, generation: number): Promise<ReadonlyMap<string, Sum>> {
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
const sums = z.object({
  aggregations: z.object({
    sources: z.object({
      sum_other_doc_count: z.literal(0),
      buckets: z.array(z.object({ key: z.string(), parts: z.object({ buckets: z.record(z.string(), bucket) }) })),
    }),
  }),
});

/** By `<part of ids> <source>`. */
async function indexedSums(
  { cluster }: GenerationsOf,
  name: Parameters<typeof indexName>[0],
  dead: readonly string[],
): Promise<ReadonlyMap<string, Sum>> {
  const ranges = bounds.map((from, i) => {
    const to = bounds[i + 1];
    return [i, { range: { entity_id: { gte: from, ...(to === undefined ? {} : { lt: to }) } } }] as const;
  });
  const parts = { filters: { filters: Object.fromEntries(ranges) }, aggs: { hashes: { sum: { field: '_hash' } } } };
  const size = Math.floor(mostSums / bounds.length);
  const { status, body } = await cluster.request('POST', `/${indexName(name)}/_search`, {
    size: 0,
    query: { bool: { must_not: [{ term: { _deleted: true } }, { terms: { entity_id: dead } }] } },
    aggs: { sources: { terms: { field: 'sources.id', size }, aggs: { parts } } },
  });
  if (status !== 200) throw unreadable(indexName(name), status, body);
  const { buckets } = sums.parse(body).aggregations.sources;
  return new Map(
    buckets.flatMap(({ key: source, parts: { buckets: found } }) =>
      Object.entries(found)
        .filter(([, { doc_count }]) => doc_count > 0)
        .map(
          ([part, { doc_count, hashes }]) =>
            [`${part} ${source}`, { documents: doc_count, hashes: hashes.value }] as const,
        ),
    ),
  );
}

/** Fills the temporary table `wanted` with what is to be computed again. */
async function sample(store: Store, dead: readonly EntityKey[]): Promise<void> {
  const place = (order: string) => `row_number() OVER (PARTITION BY entity_type ORDER BY ${order})`;
  await store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT (row_number() OVER () - 1)::INTEGER AS doc, entity_type, entity_id FROM (
      SELECT entity_type, entity_id, ${place('links DESC, entity_id')} AS largest, ${place('random()')} AS drawn
      FROM (SELECT e.entity_type, e.entity_id, count(*) AS links FROM entities e JOIN bundles b USING (bundle_key)
            WHERE b.selected AND ${isAlive(dead, 'e')} GROUP BY e.entity_type, e.entity_id))
    WHERE largest = 1 OR drawn <= ${recomputedAtRandom}`);
}

const found = z.object({ docs: z.array(z.object({ _source: z.record(z.string(), z.unknown()).optional() })) });

/** Computes what is wanted and reads it from the index. */
async function recompute(
  { of, emission, store }: VerifyParts,
  generation: number,
  types: readonly string[],
): Promise<{ readonly others: readonly string[]; readonly recomputed: number }> {
  await emission.compute();
  const rows = await store.rows(
    'SELECT entity_type, entity_id, body, hash FROM computed WHERE body IS NOT NULL ORDER BY doc',
  );
  if (rows.length === 0) return { others: [], recomputed: 0 };
  const docs = rows.map(({ entity_type, entity_id }) => ({
    _index: indexName({ ...of, entityType: types[Number(entity_type)] ?? '', generation }),
    _id: String(entity_id),
  }));
  const { status, body } = await of.cluster.request('POST', '/_mget', { docs });
  if (status !== 200) throw unreadable(`generation ${generation}`, status, body);
  const stored = found.parse(body).docs;
  const others = rows.filter((row, i) => {
    const expected = JSON.parse(`${row.body},"_hash":${row.hash}}`);
    return !isDeepStrictEqual(stored[i]?._source, expected);
  });
  return {
    others: others.map(({ entity_type, entity_id }) => `${types[Number(entity_type)]}/${entity_id}`),
    recomputed: rows.length,
  };
}

function unreadable(what: string, status: number, body: unknown): LazuliError {
  const message = `OpenSearch can't tell what ${what} holds: ${status} ${JSON.stringify(body).slice(0, 300)}`;
  return new LazuliError('index_unavailable', message, { remedy: 'Mend the cause named by OpenSearch.' });
}

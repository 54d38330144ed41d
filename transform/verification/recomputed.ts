import { z } from 'zod';
import { text } from '../../core/duckdb/sql.ts';
import { documentText } from '../aggregate/documents.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import { indexOf } from '../generations/indices.ts';
import type { Entity } from '../reference/document.ts';
import { type Indexed, withoutRest } from '../reference/indexed.ts';
import { firstMismatch, type Mismatch } from '../reference/mismatch.ts';
import { reducedDocuments } from '../reference/reduced.ts';
import { storedDocuments } from '../sink/answers.ts';
import type { EntityKey } from '../store/schema.ts';
import { isSmall, mostRows, type Sampled, sampleDocuments } from './sample.ts';

/** A document that isn't in the index as it must be. */
export interface OtherDocument extends Mismatch {
  /** `<entity type>/<entity id>` */
  readonly document: string;
}

/** A large document that was computed again. */
export interface LargeDocument {
  /** `<entity type>/<entity id>` */
  readonly document: string;
  /** stored bundle versions that mention it */
  readonly bundles: number;
  /** by the reference reducer, or, where it has too many rows for that, by the statements that compute all documents */
  readonly by: 'reference' | 'statements';
}

/** The result of recomputing some documents. */
export interface Recomputed {
  /** documents that were computed again */
  readonly recomputed: number;
  /** the largest of them, of each entity type: of all, and of those that the reference reducer takes */
  readonly largest: readonly LargeDocument[];
  /** those that differ in the index */
  readonly others: readonly OtherDocument[];
}

/** Documents that are compared at a time: statements and requests take their time whether for one or for many. */
const mostAtOnce = 50;

type Chosen = Sampled & Entity;

/**
 * Computes some documents again, and compares them with those of a generation, member by member. The reference reducer
 * does it, because it has nothing in common with the statements that made them. Documents that are too large for it are
 * computed by these statements once more, from all their bundles: that finds what rollups did wrong.
 *
 * @param dead documents that are with the dead letters: left out
 * @throws LazuliError `index_unavailable`
 */
export async function recompute(
  context: CatalogContext,
  documents: Documents,
  dead: readonly EntityKey[],
  generation: number,
): Promise<Recomputed> {
  const { store, plugin, limits } = context;
  const types = Object.keys(plugin.entityTypes);
  const chosen = (await sampleDocuments(store, plugin, dead)).map((one) => ({
    ...one,
    ...{ type: types[one.entityType] ?? '', id: one.entityId },
  }));
  const others: OtherDocument[] = [];
  const compare = async (some: readonly Chosen[], expected: readonly (Indexed | null)[]) => {
    const indexed = await indexedDocuments(context, some, generation);
    for (const [i, one] of some.entries()) {
      const found = mismatchOf(indexed[i] ?? null, expected[i] ?? null, limits.documentBytes);
      if (found !== null) others.push({ document: nameOf(one), ...found });
    }
  };
  for (const some of portions(chosen.filter(isSmall))) await compare(some, await reducedDocuments(store, plugin, some));
  for (const some of portions(chosen.filter((one) => !isSmall(one))))
    await compare(some, await computed(context, documents, some));
  const largest = chosen
    .filter(({ large }) => large)
    .map((one) => ({
      ...{ document: nameOf(one), bundles: one.bundles },
      by: isSmall(one) ? ('reference' as const) : ('statements' as const),
    }));
  return { recomputed: chosen.length, largest, others };
}

/** The reducer doesn't know how many bytes a document has that the statements make: near the limit it may have a rest or none. */
function mismatchOf(index: Indexed | null, expected: Indexed | null, most: number): Mismatch | null {
  const found = firstMismatch(index, expected);
  if (found === null || index === null || expected?._rest === undefined || Object.hasOwn(index, '_rest')) return found;
  return Buffer.byteLength(JSON.stringify(expected)) > nearLimit * most
    ? firstMismatch(index, withoutRest(expected))
    : found;
}

const nearLimit = 0.9;

const nameOf = ({ type, id }: Entity): string => `${type}/${id}`;

/** Few at a time, and no more rows than one may have. */
function portions(chosen: readonly Chosen[]): readonly (readonly Chosen[])[] {
  const all: Chosen[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const one of chosen) {
    rows += one.rows;
    const last = all.at(-1);
    if (last === undefined || last.length === mostAtOnce || rows > mostRows) {
      all.push([one]);
      rows = one.rows;
    } else last.push(one);
  }
  return all;
}

/** By the statements that compute all documents. @returns their texts; null where there is none */
export async function computedTexts(
  { store }: Pick<CatalogContext, 'store'>,
  documents: Documents,
  some: readonly EntityKey[],
): Promise<readonly (string | null)[]> {
  const wanted = some.map(({ entityType, entityId }, i) => `(${i}, ${entityType}, ${text(entityId)})`);
  await store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT doc::INTEGER AS doc, entity_type::TINYINT AS entity_type, entity_id FROM (VALUES ${wanted.join(', ')}) w(doc, entity_type, entity_id)`);
  await documents.compute();
  const rows = await store.rows(
    `SELECT CASE WHEN body IS NOT NULL THEN concat(${documentText}) END AS text FROM computed ORDER BY doc`,
  );
  return rows.map(({ text: json }) => (json === null ? null : String(json)));
}

async function computed(
  context: CatalogContext,
  documents: Documents,
  some: readonly EntityKey[],
): Promise<readonly (Indexed | null)[]> {
  const texts = await computedTexts(context, documents, some);
  return texts.map((json) => (json === null ? null : (JSON.parse(json) as Indexed)));
}

const whole = z.record(z.string(), z.unknown());

/** As they are in the index, in the order of the entities; null where there is none, or a tombstone. */
async function indexedDocuments(
  context: CatalogContext,
  entities: readonly Entity[],
  generation: number,
): Promise<readonly (Indexed | null)[]> {
  const places = entities.map(({ type, id }) => ({
    _index: indexOf(context, type, generation),
    _id: id,
  }));
  const indexed = await storedDocuments(context.cluster, places, whole);
  return indexed.map((one) => (one === null || one._source._deleted === true ? null : one._source));
}

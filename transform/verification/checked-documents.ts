import { partsOf } from '../../core/config/json-parts.ts';
import type { DocumentPlace, DocumentsCheck } from '../../core/control/verification.ts';
import { text } from '../../core/duckdb/sql.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import { indexOf } from '../generations/indices.ts';
import { heldDocuments } from '../generations/ledger.ts';
import type { Indexed } from '../reference/indexed.ts';
import { firstMismatch, type Mismatch } from '../reference/mismatch.ts';
import { storedTexts } from '../sink/answers.ts';
import type { EntityKey } from '../store/schema.ts';
import { isAlive } from './dead-documents.ts';
import { computedTexts } from './recomputed.ts';

/** Documents of one step: between two of them everything else goes on. */
const mostChecked = 2000;
/** Of one request: documents, and links to bundles, by which large ones are known. */
const mostAtOnce = { documents: 100, links: 1000 } as const;

/** A document that the ledger knows. */
interface Held extends EntityKey {
  readonly type: string;
  /** as it was computed */
  readonly hash: number;
  readonly links: number;
}

/**
 * Compares what an index holds of documents, byte by byte, with what was written: by a hash of its own text, whatever hash
 * it says. One that has another hash is computed again: its keywords may stand for texts that are not in it.
 *
 * @param dead documents that are with the dead letters: left out, as are those that wait to be written
 * @param after null: the first ones
 * @throws LazuliError `index_unavailable`
 */
export async function checkDocuments(
  context: CatalogContext,
  documents: Documents,
  dead: readonly EntityKey[],
  generation: number,
  after: DocumentPlace | null,
): Promise<DocumentsCheck> {
  const { store } = context;
  const held = await heldAfter(context, dead, generation, after);
  const others: DocumentsCheck['others'][number][] = [];
  for (const some of portions(held)) {
    const texts = await storedTexts(
      context.cluster,
      some.map(({ type, entityId }) => ({ _index: indexOf(context, type, generation), _id: entityId })),
    );
    const hashes = await hashesOf(context, texts);
    const odd = some.flatMap((one, i) => (hashes[i] === one.hash ? [] : [{ one, found: texts[i] ?? null }]));
    if (odd.length === 0) continue;
    await store.expect('much');
    const expected = await computedTexts(
      context,
      documents,
      odd.map(({ one }) => one),
    );
    for (const [i, { one, found }] of odd.entries()) {
      const mismatch = mismatchOf(found, expected[i] ?? null);
      if (mismatch !== null) others.push({ document: `${one.type}/${one.entityId}`, ...mismatch });
    }
  }
  const last = held.length < mostChecked ? undefined : held.at(-1);
  const expected = await store.number(`SELECT count(*) FROM (${heldDocuments(generation)}) WHERE ${isAlive(dead)}`);
  const next = last === undefined ? null : { entityType: last.type, entityId: last.entityId };
  return { generation, expected, checked: held.length, next, others };
}

async function heldAfter(
  { store, plugin }: CatalogContext,
  dead: readonly EntityKey[],
  generation: number,
  after: DocumentPlace | null,
): Promise<readonly Held[]> {
  const types = Object.keys(plugin.entityTypes);
  const rest =
    after === null
      ? 'true'
      : `(entity_type, entity_id) > (${types.indexOf(after.entityType)}::TINYINT, ${text(after.entityId)})`;
  const rows = await store.rows(`SELECT h.entity_type, h.entity_id, any_value(h.hash) AS hash, count(*) AS links FROM (
      SELECT * FROM (${heldDocuments(generation)}) WHERE ${rest} AND ${isAlive(dead)}
        AND (entity_type, entity_id) NOT IN (SELECT (entity_type, entity_id) FROM outbox)
      ORDER BY entity_type, entity_id LIMIT ${mostChecked}) h
    LEFT JOIN entities e ON e.entity_type = h.entity_type AND e.entity_id = h.entity_id
    GROUP BY h.entity_type, h.entity_id ORDER BY h.entity_type, h.entity_id`);
  return rows.map(({ entity_type, entity_id, hash, links }) => ({
    ...{ entityType: Number(entity_type), entityId: String(entity_id), hash: Number(hash), links: Number(links) },
    type: types[Number(entity_type)] ?? '',
  }));
}

function portions(held: readonly Held[]): readonly (readonly Held[])[] {
  const all: Held[][] = [];
  let links = 0;
  for (const one of held) {
    links += one.links;
    const last = all.at(-1);
    if (last === undefined || last.length === mostAtOnce.documents || links > mostAtOnce.links) {
      all.push([one]);
      links = one.links;
    } else last.push(one);
  }
  return all;
}

/** As they were hashed when they were computed. @returns null where there is no text, or none of that form */
async function hashesOf({ store }: CatalogContext, texts: readonly (string | null)[]) {
  const parts = texts.map((one) => (one === null ? null : hashedParts(one)));
  const values = parts.flatMap((part, i) => (part === null ? [] : [`(${i}, ${part.map(orNull).join(', ')})`]));
  if (values.length === 0) return texts.map(() => null);
  const rows = await store.rows(
    `SELECT i, hash(body, cuts, rest) >> 12 AS hash FROM (VALUES ${values.join(', ')}) texts(i, body, cuts, rest)`,
  );
  const found = new Map(rows.map(({ i, hash }) => [Number(i), Number(hash)]));
  // What it says of itself is part of it.
  return texts.map((one, i) => (one?.endsWith(`,"_hash":${found.get(i)}}`) ? (found.get(i) ?? null) : null));
}

type HashedParts = readonly [body: string, cuts: string | null, rest: string | null];

/** The text of a document as `documentText` puts it together, taken apart. */
function hashedParts(document: string): HashedParts | null {
  const parts = partsOf(document);
  const placeOf = (name: string): number | undefined => parts.find((part) => part.name === name)?.start;
  const end = placeOf('_hash');
  if (end === undefined) return null;
  const rest = placeOf('_rest') ?? end;
  const cuts = placeOf('_truncated') ?? rest;
  const between = (from: number, to: number): string | null => (from >= to ? null : document.slice(from, to));
  return [document.slice(0, cuts), between(cuts, rest), between(rest, end)];
}

const orNull = (value: string | null): string => (value === null ? 'NULL::VARCHAR' : `${text(value)}::VARCHAR`);

function mismatchOf(found: string | null, expected: string | null): Mismatch | null {
  if (found === expected) return null;
  const [index, computed] = [found, expected].map((json) => (json === null ? null : (JSON.parse(json) as Indexed)));
  const mismatch = firstMismatch(index ?? null, computed ?? null);
  if (mismatch !== null || index?._hash === computed?._hash) return mismatch;
  return { path: '_hash', index: String(index?._hash), expected: String(computed?._hash) };
}

import { LazuliError } from '../config/errors.ts';
import type { Json } from './json.ts';

/** What `normalize` gives: plain data, to be staged. */
export interface NormalizedBundle {
  /** a row's number is its index here */
  readonly rows: readonly NormalizedRow[];
  /** sets of rows, each ascending and not empty; a set's number is its index here plus one */
  readonly sets: readonly (readonly number[])[];
  readonly entities: readonly NormalizedEntity[];
}

export interface NormalizedRow {
  readonly table: string;
  /** null: never reconciled with a row of another bundle, and `document_id` is absent */
  readonly id: string | null;
  /** by column; a missing or undefined member is an absent value */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface NormalizedEntity {
  readonly type: string;
  readonly id: string;
  /** role → number of a set; a missing role or 0 is an empty one */
  readonly sets: Readonly<Record<string, number>>;
}

/** The table of verbatim metadata documents, which every plug-in has (specification, indexing 6.1). */
export const documentsTable = 'documents';
/** The role by which an entity is a hub of verbatim documents. */
export const replicasRole = 'replicas';

/** Rows of sets in all: beyond it, relations of one bundle would dwarf its contents. */
const maxMembers = 10_000_000;

/**
 * Collects what a normalizer finds. Equal sets are stored once, whichever entities and roles they
 * serve: that is what keeps relations narrow in bundles where many entities share their surroundings.
 */
export class NormalizedBundleBuilder {
  readonly #rows: NormalizedRow[] = [];
  readonly #sets: (readonly number[])[] = [];
  /** numbers of sets by their hash, or by the next number that was free */
  readonly #setsByHash = new Map<number, number>();
  readonly #entities: NormalizedEntity[] = [];
  #members = 0;

  /** @returns the row's number */
  row(table: string, id: string | null, values: Readonly<Record<string, unknown>>): number {
    return this.#rows.push({ table, id, values }) - 1;
  }

  /**
   * A verbatim document: `pointer` (RFC 6901) says where in the bundle it stands, so that the bundle
   * can be put together again. `replicaType` and `id` make it a replica; null where it is none.
   */
  document(pointer: string, contents: Json, replicaType: string | null, id: string | null): number {
    return this.row(documentsTable, id, { pointer, replica_type: replicaType, contents: verbatimText(contents) });
  }

  /**
   * @param rows a list that ascends is kept as it is, so not to be changed afterwards
   * @returns the number of the set of these rows; 0 for none
   */
  set(rows: Iterable<number>): number {
    const set = ascending(Array.isArray(rows) ? rows : [...rows]);
    if (set.length === 0) return 0;
    let hash = hashOf(set);
    for (let known = this.#setsByHash.get(hash); known !== undefined; known = this.#setsByHash.get(++hash)) {
      if (equal(this.#sets[known - 1] ?? [], set)) return known;
    }
    this.#members += set.length;
    if (this.#members > maxMembers) {
      throw new LazuliError('bundle_invalid', `Entities relate to each other in more than ${maxMembers} ways`, {
        remedy: 'Split the bundle.',
      });
    }
    const number = this.#sets.push(set);
    this.#setsByHash.set(hash, number);
    return number;
  }

  entity(type: string, id: string, sets: Readonly<Record<string, number>>): void {
    this.#entities.push({ type, id, sets });
  }

  build(): NormalizedBundle {
    return { rows: this.#rows, sets: this.#sets, entities: this.#entities };
  }
}

const texts = new WeakMap<object, string>();

/** JSON text of a document. It is remembered as long as the document is there: what is staged is compared with it. */
export function verbatimText(contents: Json): string {
  if (typeof contents !== 'object' || contents === null) return JSON.stringify(contents);
  const known = texts.get(contents);
  if (known !== undefined) return known;
  const text = JSON.stringify(contents);
  texts.set(contents, text);
  return text;
}

/** Each once; the very same list where it ascends, as rows mostly do in the order in which they are found. */
export function ascending(rows: readonly number[]): readonly number[] {
  for (let i = 1; i < rows.length; i++) {
    if ((rows[i - 1] as number) >= (rows[i] as number)) return sorted(rows);
  }
  return rows;
}

const byNumber = (a: number, b: number): number => a - b;

function sorted(rows: readonly number[]): readonly number[] {
  const list: number[] = [];
  for (const row of rows.toSorted(byNumber)) if (row !== list.at(-1)) list.push(row);
  return list;
}

/** FNV-1a over the numbers */
function hashOf(numbers: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const n of numbers) hash = Math.imul(hash ^ n, 0x01000193);
  return hash;
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

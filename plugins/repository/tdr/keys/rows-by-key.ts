/** Which rows, and what of them. */
export interface Selection {
  readonly table: string;
  /** that are wanted; null stands for a list without members */
  readonly columns: readonly (string | null)[];
  /** that ids are compared with */
  readonly column: string;
  /** it is one of the ids, or a list that has one of them, or the content of links that have one as an output */
  readonly match: 'is' | 'has' | 'makes';
}

export interface FoundRow {
  readonly table: string;
  readonly values: readonly (string | null | readonly string[])[];
}

/** Rows of the tables of a snapshot by keys. */
export interface RowsByKey {
  /** @param selections of as many columns each, of the same types */
  find(selections: readonly Selection[], ids: Iterable<string>): Promise<readonly FoundRow[]>;
}

/** Values of a column by which all rows of a table are had that some bundles need; or all rows. */
export type Needed = { readonly column: string; readonly ids: ReadonlySet<string> } | 'all';

/** Finds what the bundles of such uuids need of each table. There may be more than they need, and never less. */
export type KeySearch = (uuids: readonly string[], rows: RowsByKey) => Promise<ReadonlyMap<string, Needed>>;

/** So much is needed that whole tables are less work. */
export class TooManyKeys extends Error {}

const mostKeys = 100_000;

/** Keys of each table, which are added once. */
export class Keys {
  readonly #byTable = new Map<string, Set<string>>();
  #size = 0;

  get tables(): Iterable<readonly [string, ReadonlySet<string>]> {
    return this.#byTable;
  }

  /** @returns whether it was not there @throws TooManyKeys */
  add(table: string, key: string): boolean {
    const keys = this.#byTable.get(table) ?? new Set();
    this.#byTable.set(table, keys);
    if (keys.has(key)) return false;
    if (++this.#size > mostKeys) throw new TooManyKeys(`Bundles need more than ${mostKeys} rows`);
    keys.add(key);
    return true;
  }

  of(table: string): ReadonlySet<string> {
    return this.#byTable.get(table) ?? new Set();
  }
}

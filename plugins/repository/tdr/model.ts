/**
 * How bundles of a data model are put together of the tables of a snapshot, by statements of DuckDB. They are plain data:
 * nothing here runs them.
 *
 * 1. `prepare`, once for a snapshot, makes of its tables (views of their own names)
 *
 *        roots (root INTEGER, uuid VARCHAR, version VARCHAR)
 *
 *    with a row for each bundle, and whatever `assemble` needs.
 * 2. `assemble`, for some of them, goes from the temporary table `wanted (root INTEGER)` to the temporary tables
 *
 *        parts (root INTEGER, member TINYINT, name VARCHAR, text VARCHAR)
 *        problems (root INTEGER, problem VARCHAR)
 *
 *    where `member` is a place in `members`, and `text` is JSON. What has a problem may lack parts.
 */
export interface Model {
  /** columns that each table must have; a snapshot is of this model where it has all of these tables */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** @param tables all that the snapshot has */
  readonly prepare: (tables: ReadonlySet<string>) => readonly string[];
  readonly assemble: readonly string[];
  readonly members: readonly Member[];
}

/** A member of a bundle: an object or a list, of parts in the order of their names, or the only part as it is. */
export interface Member {
  readonly name: string;
  readonly kind: 'object' | 'list' | 'value';
}

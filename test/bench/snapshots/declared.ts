/** A made-up snapshot, by statements of DuckDB. */
export interface SnapshotWorld {
  readonly prepare: (bundles: number) => readonly string[];
  /** rows of each table */
  readonly tables: Readonly<Record<string, string>>;
  /** column by which rows are found; null: `<table>_id` */
  readonly key: string | null;
  /** what a bundle is called, by which they are in order */
  readonly bundle: string;
  /** keys of the rows of each table that a bundle has, of a row of a selection; some may be of no row */
  readonly contained: readonly [from: string, keys: Readonly<Record<string, readonly string[]>>];
}

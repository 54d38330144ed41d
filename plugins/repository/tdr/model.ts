import type { BundleText } from './bundle-text.ts';
import type { Graph } from './graph.ts';

/**
 * How bundles of a data model are put together of the tables of a snapshot. DuckDB makes numbers and texts of the tables,
 * once; bundles are searched for among the numbers, in memory, and are texts one after the other.
 *
 * `prepare` are statements that make of the tables (views of their own names)
 *
 *     roots (uuid VARCHAR, version VARCHAR, node INTEGER, kind INTEGER)   a row for each bundle
 *     texts (node INTEGER, slot INTEGER, head INTEGER, text VARCHAR)      at most one for a node and slot: JSON
 *     problems (node INTEGER, problem VARCHAR)                            why no bundle can have a node
 *
 * where texts are inserted table by table, and `relations`, each a table (a INTEGER, b INTEGER). Nodes are numbered from 1;
 * 0 stands for the snapshot.
 */
export interface Model {
  /** columns that each table must have; a snapshot is of this model where it has all of these tables */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** columns of tables that a snapshot may lack */
  readonly optional: Readonly<Record<string, readonly string[]>>;
  /** @param tables all that the snapshot has */
  readonly prepare: (tables: ReadonlySet<string>) => readonly Step[];
  /** all bundles of the tables, `uuid` and `version`, before anything is prepared */
  readonly list: string;
  readonly relations: readonly string[];
  /** how many texts a node may have */
  readonly slots: number;
  /** @returns what puts bundles together, one after the other */
  readonly assembler: (graph: Graph) => Assembler;
}

/** A statement, and the table that it reads most of all, if any. */
export interface Step {
  readonly table: string | null;
  readonly sql: string;
}

/** Puts a bundle together: the texts of its nodes. @throws BundleProblem where the tables don't give one */
export type Assembler = (root: Root, bundle: BundleText) => void;

/** What a bundle begins with. */
export interface Root {
  readonly uuid: string;
  readonly version: string;
  readonly node: number;
  /** what kind of a bundle it is, as the model numbers them */
  readonly kind: number;
}

import type { TableEstimate } from '../../../../core/model/repository.ts';

/** A snapshot of the Terra Data Repository. It never changes. */
export interface SnapshotRef {
  readonly id: string;
  readonly name: string;
  /** Google project of its tables */
  readonly project: string;
}

/** Paths of the Parquet files of each table. */
export type TableFiles = ReadonlyMap<string, readonly string[]>;

/** Who gives the tables of snapshots as Parquet files on this machine. */
export interface SnapshotTables {
  /**
   * The files stay as they are until they are released.
   *
   * @throws LazuliError `repository_unavailable`
   */
  hold(snapshot: SnapshotRef, signal: AbortSignal): Promise<HeldTables>;
  /** Whether they could be had, where that can be found out without bringing them. @throws LazuliError `repository_unavailable` */
  check(snapshot: SnapshotRef, signal: AbortSignal): Promise<void>;
  /** What that takes. @returns null where nobody knows @throws LazuliError `repository_unavailable` */
  estimate(snapshot: SnapshotRef, signal: AbortSignal): Promise<readonly TableEstimate[] | null>;
  /**
   * Tables with all rows that a few bundles need, and not many more; absent: only whole tables are to be had.
   *
   * @param folder is empty, and deleted when the tables aren't needed any more
   * @returns null where whole tables are here, come, or are less work
   * @throws LazuliError `repository_unavailable`
   */
  readonly readSome?:
    | ((
        snapshot: SnapshotRef,
        uuids: readonly string[],
        folder: string,
        signal: AbortSignal,
      ) => Promise<TableFiles | null>)
    | undefined;
}

export interface HeldTables {
  readonly files: TableFiles;
  readonly release: () => Promise<void>;
}

/** Where tables come from that aren't on this machine yet: an export, or queries. */
export interface TableSource {
  /**
   * Brings all tables of a snapshot. What an attempt before has finished is there already.
   *
   * @throws LazuliError `repository_unavailable`
   */
  bring(snapshot: SnapshotRef, into: TablesFolder, signal: AbortSignal): Promise<void>;
  /** As `SnapshotTables` has it; absent: that can't be found out. */
  readonly check?: (snapshot: SnapshotRef, signal: AbortSignal) => Promise<void>;
  /** As `SnapshotTables` has it; absent: nobody knows. */
  readonly estimate?: (snapshot: SnapshotRef, signal: AbortSignal) => Promise<readonly TableEstimate[]>;
  /** As `SnapshotTables` has it. @param room where it goes */
  readonly readSome?: (
    snapshot: SnapshotRef,
    uuids: readonly string[],
    room: TableRoom,
    signal: AbortSignal,
  ) => Promise<TableFiles | null>;
}

/** An empty folder, and how many bytes may be written to it. */
export interface TableRoom {
  readonly folder: string;
  readonly maxBytes: number;
}

/** The tables of a snapshot on this machine: each is there as a whole, or not at all. */
export interface TablesFolder {
  has(table: string): boolean;
  /**
   * Has a table written: all files that are in the folder at the end are its files.
   *
   * @param write gets an empty folder, and how many bytes may still be written to it
   */
  add(table: string, write: (folder: string, maxBytes: number) => Promise<void>): Promise<void>;
}

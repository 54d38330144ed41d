import type { LazuliError } from '../../../core/config/errors.ts';
import type { Identity } from '../../../core/model/authentication.ts';
import type { DataFile, FilePlace } from '../../../core/model/repository.ts';
import type { SnapshotName } from './spec.ts';
import type { SnapshotRef, SnapshotTables } from './tables/tables.ts';

/** A snapshot that a catalog is to have. */
export interface WantedSnapshot extends SnapshotName {
  /** source spec */
  readonly spec: string;
}

/** The snapshots that there are: those in a folder, or those of the Terra Data Repository itself. */
export interface Snapshots {
  readonly tables: SnapshotTables;
  /**
   * @returns for each of them, in the same order, what it is or why it can't be used
   * @throws LazuliError where none can be looked up at present
   */
  find(wanted: readonly WantedSnapshot[], signal: AbortSignal): Promise<readonly (SnapshotRef | LazuliError)[]>;
  /** Ids of those that a caller may see, among them those of the catalog. */
  accessible(found: readonly SnapshotRef[], identity: Identity, signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** As the contract of repositories has it. */
  locate(file: DataFile, identity: Identity, signal: AbortSignal): Promise<FilePlace | null>;
}

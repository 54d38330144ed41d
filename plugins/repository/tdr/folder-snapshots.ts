import { LazuliError } from '../../../core/config/errors.ts';
import type { Identity } from '../../../core/model/authentication.ts';
import type { DataFile, FilePlace } from '../../../core/model/repository.ts';
import { orAborted } from '../../../core/runtime/aborted.ts';
import { readExports, type SnapshotExport } from './exports.ts';
import type { Snapshots, WantedSnapshot } from './snapshots.ts';
import { estimateOf } from './tables/estimate.ts';
import type { HeldTables, SnapshotRef, SnapshotTables } from './tables/tables.ts';

/** Who may see the source of a snapshot, by its name: everybody, or subjects; nobody where it isn't named. */
export type Readers = Readonly<Record<string, 'everybody' | readonly string[]>>;

/** Snapshots that were exported to a folder. */
export class FolderSnapshots implements Snapshots {
  readonly tables: SnapshotTables = {
    hold: (snapshot, signal) => this.#hold(snapshot, signal),
    check: async (snapshot, signal) => (await this.#hold(snapshot, signal)).release(),
    estimate: async (snapshot, signal) => estimateOf((await this.#hold(snapshot, signal)).files),
  };
  readonly #folder: string;
  readonly #readers: Readers;

  constructor(folder: string, readers: Readers) {
    this.#folder = folder;
    this.#readers = readers;
  }

  async find(wanted: readonly WantedSnapshot[], signal: AbortSignal): Promise<readonly (SnapshotRef | LazuliError)[]> {
    const exports = await this.#exports(signal);
    return wanted.map(({ spec, project, name }) => {
      const snapshot = exports.find((one) => one.name === name);
      if (snapshot === undefined) return notThere(spec, `${this.#folder} has no export of that snapshot`);
      if (snapshot.project !== project) return notThere(spec, `that snapshot is in project ${snapshot.project}`);
      return snapshot;
    });
  }

  async accessible(found: readonly SnapshotRef[], { subject }: Identity): Promise<ReadonlySet<string>> {
    return new Set(found.filter(({ name }) => this.#mayRead(name, subject)).map(({ id }) => id));
  }

  /** Files are where their DRS URIs say. */
  async locate({ drsUri }: DataFile): Promise<FilePlace | null> {
    return drsUri === null ? null : { kind: 'drs', uri: drsUri };
  }

  #mayRead(snapshot: string, subject: string | null): boolean {
    const readers = Object.hasOwn(this.#readers, snapshot) ? this.#readers[snapshot] : undefined;
    if (readers === 'everybody') return true;
    return subject !== null && readers?.includes(subject) === true;
  }

  async #hold({ id, name }: SnapshotRef, signal: AbortSignal): Promise<HeldTables> {
    const found = (await this.#exports(signal)).find((one) => one.id === id);
    if (found !== undefined) return { files: found.tables, release: async () => {} };
    throw notThere(name, `${this.#folder} has no export of it any more`);
  }

  #exports(signal: AbortSignal): Promise<readonly SnapshotExport[]> {
    signal.throwIfAborted();
    return orAborted(readExports(this.#folder), signal);
  }
}

const notThere = (spec: string, why: string): LazuliError =>
  new LazuliError('repository_unavailable', `Source ${spec} can't be used: ${why}`, {
    remedy: 'Export the snapshot into the folder, or correct the source; ingest goes on by itself.',
  });

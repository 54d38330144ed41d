import { LazuliError } from '../../../core/config/errors.ts';
import type { SourceRef } from '../../../core/config/sources.ts';
import type { Identity } from '../../../core/model/authentication.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import type { DataFile, FetchedBundle, FilePlace, Repository } from '../../../core/model/repository.ts';
import { orAborted } from '../../../core/runtime/aborted.ts';
import { readExports, type SnapshotExport } from './exports.ts';
import { Snapshot, type SnapshotLimits } from './snapshot.ts';
import { parseTdrSpec } from './spec.ts';

/** Who may see the source of a snapshot, by its name: everybody, or subjects; nobody where it isn't named. */
export type Readers = Readonly<Record<string, 'everybody' | readonly string[]>>;

export interface TdrParts {
  /** folder of exported snapshots */
  readonly exports: string;
  /** source specs of the catalog */
  readonly sources: readonly string[];
  readonly readers: Readers;
  readonly limits: SnapshotLimits;
}

interface Source {
  readonly ref: SourceRef;
  readonly snapshot: SnapshotExport;
}

/** Snapshots that are open at a time: each takes memory and disk. */
const mostOpen = 2;

/** Snapshots of the Terra Data Repository that were exported to a folder (specification, repository-plugins 4 to 6). */
export class TdrRepository implements Repository {
  readonly #parts: TdrParts;
  /** by id of the snapshot, the one that was used last at the end */
  readonly #open = new Map<string, { readonly opened: Promise<Snapshot>; users: number }>();

  constructor(parts: TdrParts) {
    this.#parts = parts;
  }

  async listSources(signal: AbortSignal): Promise<readonly SourceRef[]> {
    return (await this.#sources(signal)).map(({ ref }) => ref);
  }

  async *listBundles(source: SourceRef, prefix: string, signal: AbortSignal): AsyncIterable<BundleFqid> {
    const { ref, snapshot } = await this.#source(source.id, signal);
    const roots = await orAborted(
      this.#using(snapshot, (opened) => opened.list(prefix)),
      signal,
    );
    for (const root of roots) {
      signal.throwIfAborted();
      yield { source: ref, ...root };
    }
    signal.throwIfAborted();
  }

  async fetchBundle(fqid: BundleFqid, maxBytes: number, signal: AbortSignal): Promise<FetchedBundle> {
    const { source, uuid, version } = fqid;
    const place = { bundle: `${uuid}.${version}` };
    const { ref, snapshot } = await this.#source(source.id, signal);
    const root = { uuid: uuid.toLowerCase(), version };
    const bytes = await orAborted(
      this.#using(snapshot, (opened) => opened.fetch(root)),
      signal,
    );
    if (bytes === null) {
      throw new LazuliError('bundle_missing', `Snapshot ${snapshot.name} has no such bundle`, {
        place,
        remedy: 'Notify bundles that the snapshot has, or configure the snapshot that has this one.',
      });
    }
    if (bytes.length > maxBytes) {
      throw new LazuliError('bundle_too_large', `The bundle has ${bytes.length} bytes; ${maxBytes} is the limit`, {
        place,
        remedy: 'Raise limits.bundleBytes, or leave the bundle out.',
      });
    }
    return { bytes, source: ref, attributes: {} };
  }

  async accessibleSources({ subject }: Identity, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const sources = await this.#sources(signal);
    return new Set(sources.filter(({ snapshot }) => this.#mayRead(snapshot.name, subject)).map(({ ref }) => ref.id));
  }

  /** Files are where their DRS URIs say. */
  async locateFile({ drsUri }: DataFile, signal: AbortSignal): Promise<FilePlace | null> {
    signal.throwIfAborted();
    return drsUri === null ? null : { kind: 'drs', uri: drsUri };
  }

  #mayRead(snapshot: string, subject: string | null): boolean {
    const readers = Object.hasOwn(this.#parts.readers, snapshot) ? this.#parts.readers[snapshot] : undefined;
    if (readers === 'everybody') return true;
    return subject !== null && readers?.includes(subject) === true;
  }

  /** What is configured and was exported. */
  async #sources(signal: AbortSignal): Promise<readonly Source[]> {
    signal.throwIfAborted();
    const exports = await orAborted(readExports(this.#parts.exports), signal);
    return this.#parts.sources.map((spec) => {
      const { project, name } = parseTdrSpec(spec);
      const snapshot = exports.find((one) => one.name === name);
      if (snapshot === undefined) throw notThere(spec, `${this.#parts.exports} has no export of that snapshot`);
      if (snapshot.project !== project) throw notThere(spec, `that snapshot is in project ${snapshot.project}`);
      return { ref: { id: snapshot.id, spec }, snapshot };
    });
  }

  async #source(id: string, signal: AbortSignal): Promise<Source> {
    const source = (await this.#sources(signal)).find(({ ref }) => ref.id === id);
    if (source !== undefined) return source;
    throw new LazuliError('bundle_missing', `Source ${id} is not one of the catalog's`, {
      remedy: 'Configure the source for this catalog, or notify another one.',
    });
  }

  /** A snapshot never changes, so it is opened once, and closed when others are wanted. */
  async #using<T>(snapshot: SnapshotExport, work: (opened: Snapshot) => Promise<T>): Promise<T> {
    const used = this.#open.get(snapshot.id) ?? { opened: Snapshot.open(snapshot, this.#parts.limits), users: 0 };
    this.#open.delete(snapshot.id);
    this.#open.set(snapshot.id, used);
    used.users++;
    try {
      return await work(await used.opened);
    } catch (error) {
      const failed = await used.opened.then(
        () => false,
        () => true,
      );
      if (failed && this.#open.get(snapshot.id) === used) this.#open.delete(snapshot.id);
      throw error;
    } finally {
      used.users--;
      await this.#closeUnused();
    }
  }

  async #closeUnused(): Promise<void> {
    for (const [id, { opened, users }] of [...this.#open]) {
      if (this.#open.size <= mostOpen) return;
      if (users > 0) continue;
      this.#open.delete(id);
      await (await opened).close();
    }
  }
}

const notThere = (spec: string, why: string): LazuliError =>
  new LazuliError('repository_unavailable', `Source ${spec} can't be used: ${why}`, {
    remedy: 'Export the snapshot into the folder, or correct the source; ingest goes on by itself.',
  });

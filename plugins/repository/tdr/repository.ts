import { LazuliError } from '../../../core/config/errors.ts';
import type { SourceRef } from '../../../core/config/sources.ts';
import type { Identity } from '../../../core/model/authentication.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import type {
  DataFile,
  FetchedBundle,
  FilePlace,
  Reading,
  Repository,
  TableEstimate,
} from '../../../core/model/repository.ts';
import { orAborted } from '../../../core/runtime/aborted.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import type { SnapshotLimits } from './database.ts';
import { SingleBundles } from './single-bundles.ts';
import { type BundleName, Snapshot, type TableReading } from './snapshot.ts';
import type { Snapshots } from './snapshots.ts';
import { parseTdrSpec } from './spec.ts';
import type { SnapshotRef, TableFiles } from './tables/tables.ts';

export interface TdrParts {
  readonly snapshots: Snapshots;
  /** source specs of the catalog */
  readonly sources: readonly string[];
  readonly limits: SnapshotLimits;
}

/** A source of the catalog, and its snapshot. */
export interface Source {
  readonly ref: SourceRef;
  readonly snapshot: SnapshotRef;
}

interface Open {
  readonly source: Source;
  readonly opened: Promise<Snapshot>;
  users: number;
}

/** Snapshots that are open at a time: each takes memory and disk. */
const mostOpen = 2;
/** for the tables of a snapshot to come */
const openMillis = 6 * 3_600_000;

/** Snapshots of the Terra Data Repository, wherever their tables are (specification, repository-plugins 4 to 6). */
export class TdrRepository implements Repository {
  readonly #parts: TdrParts;
  readonly #single: SingleBundles;
  /** by id of the snapshot, the one that was used last at the end */
  readonly #open = new Map<string, Open>();
  /** all bundles of the snapshot that was listed last without being open */
  #listed: { readonly id: string; readonly names: Promise<readonly BundleName[]> } | null = null;
  /** by id of the snapshot */
  readonly #reading = new Map<string, TableReading>();

  constructor(parts: TdrParts) {
    this.#parts = parts;
    this.#single = new SingleBundles(parts.snapshots.tables, parts.limits, systemClock);
  }

  reading(): readonly Reading[] {
    return [...this.#reading].map(([source, reading]) => ({ source, ...reading }));
  }

  async listSources(signal: AbortSignal): Promise<readonly SourceRef[]> {
    return (await this.#found(signal)).map((found) => {
      if (found instanceof LazuliError) throw found;
      return found.ref;
    });
  }

  async *listBundles(source: SourceRef, prefix: string, signal: AbortSignal): AsyncIterable<BundleFqid> {
    const found = await this.#source(source.id, signal);
    const roots = await orAborted(this.#list(found, prefix), signal);
    for (const { uuid, version } of roots) {
      signal.throwIfAborted();
      yield { source: found.ref, uuid, version };
    }
    signal.throwIfAborted();
  }

  async fetchBundle(fqid: BundleFqid, maxBytes: number, signal: AbortSignal): Promise<FetchedBundle> {
    const { source, uuid, version } = fqid;
    const found = this.#open.get(source.id)?.source ?? (await this.#source(source.id, signal));
    const root = { uuid: uuid.toLowerCase(), version };
    const bytes = await orAborted(this.#fetch(found, root, maxBytes, signal), signal);
    if (bytes === null) {
      throw new LazuliError('bundle_missing', `Snapshot ${found.snapshot.name} has no such bundle`, {
        place: { bundle: `${uuid}.${version}` },
        remedy: 'Notify bundles that the snapshot has, or configure the snapshot that has this one.',
      });
    }
    return { bytes, source: found.ref, attributes: {} };
  }

  async estimate(source: SourceRef, signal: AbortSignal): Promise<readonly TableEstimate[] | null> {
    const { snapshot } = await this.#source(source.id, signal);
    return orAborted(this.#parts.snapshots.tables.estimate(snapshot, signal), signal);
  }

  /** A source that can't be used at present is seen by nobody, and hides no other. */
  async accessibleSources(identity: Identity, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const found = (await this.#found(signal)).flatMap((one) => (one instanceof LazuliError ? [] : [one.snapshot]));
    const seen = await this.#parts.snapshots.accessible(found, identity, signal);
    return new Set(found.map(({ id }) => id).filter((id) => seen.has(id)));
  }

  async locateFile(file: DataFile, identity: Identity, signal: AbortSignal): Promise<FilePlace | null> {
    signal.throwIfAborted();
    return this.#parts.snapshots.locate(file, identity, signal);
  }

  /** @throws LazuliError `bundle_missing` for a source that isn't the catalog's, `repository_unavailable` */
  protected sourceOf(id: string, signal: AbortSignal): Promise<Source> {
    return this.#source(id, signal);
  }

  /** What is configured, or why it can't be used. */
  async #found(signal: AbortSignal): Promise<readonly (Source | LazuliError)[]> {
    signal.throwIfAborted();
    const wanted = this.#parts.sources.map((spec) => ({ spec, ...parseTdrSpec(spec) }));
    const found = await this.#parts.snapshots.find(wanted, signal);
    return wanted.map(({ spec }, i) => {
      const snapshot = found[i];
      if (snapshot === undefined) throw new TypeError(`Nothing is said of source ${spec}`);
      return snapshot instanceof LazuliError ? snapshot : { ref: { id: snapshot.id, spec }, snapshot };
    });
  }

  /** One that can't be used at present may be the one that is wanted: then its error says why. */
  async #source(id: string, signal: AbortSignal): Promise<Source> {
    const found = await this.#found(signal);
    const source = found.find((one) => !(one instanceof LazuliError) && one.ref.id === id);
    const problem = found.find((one) => one instanceof LazuliError);
    if (source !== undefined && !(source instanceof LazuliError)) return source;
    if (problem instanceof LazuliError) throw problem;
    throw new LazuliError('bundle_missing', `Source ${id} is not one of the catalog's`, {
      remedy: 'Configure the source for this catalog, or notify another one.',
    });
  }

  /** One bundle of a snapshot that isn't open may be less work than the snapshot. */
  async #fetch(source: Source, name: BundleName, maxBytes: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const isOpen = this.#open.has(source.snapshot.id);
    const single = isOpen ? undefined : await this.#single.fetch(source.snapshot, name, maxBytes, signal);
    return single === undefined ? this.#using(source, (opened) => opened.fetch(name, maxBytes)) : single;
  }

  /** What isn't open isn't opened to be listed: a run lists all snapshots before it fetches anything. */
  async #list(source: Source, prefix: string): Promise<readonly BundleName[]> {
    const { id } = source.snapshot;
    if (this.#open.has(id)) return this.#using(source, (opened) => opened.list(prefix));
    if (this.#listed?.id !== id) this.#listed = { id, names: this.#listAll(source.snapshot) };
    const { names } = this.#listed;
    return (await names).filter(({ uuid }) => uuid.startsWith(prefix));
  }

  async #listAll(snapshot: SnapshotRef): Promise<readonly BundleName[]> {
    try {
      return await this.#withTables(snapshot, (files) =>
        Snapshot.list({ ...snapshot, tables: files }, this.#parts.limits),
      );
    } catch (error) {
      this.#listed = null;
      throw error;
    }
  }

  /** A snapshot never changes, so it is opened once, and closed when others are wanted. */
  async #using<T>(source: Source, work: (opened: Snapshot) => T): Promise<T> {
    const { snapshot } = source;
    if (this.#listed?.id === snapshot.id) this.#listed = null;
    const used = this.#open.get(snapshot.id) ?? { source, opened: this.#openOne(snapshot), users: 0 };
    this.#open.delete(snapshot.id);
    this.#open.set(snapshot.id, used);
    used.users++;
    try {
      return work(await used.opened);
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

  async #openOne(snapshot: SnapshotRef): Promise<Snapshot> {
    const say = (reading: TableReading): void => void this.#reading.set(snapshot.id, reading);
    try {
      return await this.#withTables(snapshot, (files) =>
        Snapshot.open({ ...snapshot, tables: files }, this.#parts.limits, say),
      );
    } finally {
      this.#reading.delete(snapshot.id);
    }
  }

  /** Who gives up waiting doesn't end it: it may take longer than anybody waits, and whoever comes again finds it further on. */
  async #withTables<T>(snapshot: SnapshotRef, work: (files: TableFiles) => Promise<T>): Promise<T> {
    const tables = await this.#parts.snapshots.tables.hold(snapshot, AbortSignal.timeout(openMillis));
    try {
      return await work(tables.files);
    } finally {
      await tables.release();
    }
  }

  async #closeUnused(): Promise<void> {
    for (const [id, { opened, users }] of [...this.#open]) {
      if (this.#open.size <= mostOpen) return;
      if (users > 0) continue;
      this.#open.delete(id);
      (await opened).close();
    }
  }
}

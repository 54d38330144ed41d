import { LazuliError } from '../../core/config/errors.ts';
import { layoutHash } from '../../core/documents/document-layout.ts';
import {
  type DocumentSnapshot,
  type SnapshotFile,
  type SnapshotOfType,
  Snapshots,
} from '../../core/exports/snapshots.ts';
import { isRested, type Rest, restLeft } from '../../core/runtime/rest.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { expectOwned } from '../catalog/epochs.ts';
import type { LastWriter } from '../generations/generations.ts';
import type { EntityKey } from '../store/schema.ts';
import { BucketFiles, publishedTypes } from './bucket-files.ts';
import { contentsOf, type SnapshotContents } from './contents.ts';
import { type RowsFile, RowsFiles } from './files.ts';
import { type Merging, mergeOf, mergeOfAll } from './merging.ts';
import { inPart, partsOf } from './parts.ts';
import { PendingRows, type PublishedType } from './pending.ts';
import { FileRegistry } from './registry.ts';
import { SnapshotRetention } from './retention.ts';

/** Between two snapshots at least, and while documents change all the time; in between, so many times what the last one took. */
const restMillis = { idle: 2_000, busy: 60_000 } as const;
const restPerCost = 10;

/**
 * Publishes the documents that the index holds as snapshots: immutable files for exports and analysts
 * (`core/exports/snapshots.ts`). A build makes the files of its generation, the base; what is written beside and after
 * it becomes deltas; from time to time these are merged into the base. Every step may be repeated after a crash.
 */
export class SnapshotPublisher {
  readonly #context: CatalogContext;
  readonly #snapshots: Snapshots;
  readonly #types: readonly PublishedType[];
  readonly #pending: PendingRows;
  readonly #files: RowsFiles;
  readonly #registry: FileRegistry;
  readonly #retention: SnapshotRetention;
  /** files of buckets of a build */
  readonly buckets: BucketFiles;
  /** the newest one; null where none is known to be */
  #published: DocumentSnapshot | null = null;
  #merging: Merging | null = null;
  /** types that are to be merged as a whole, as something was removed; null: none is */
  #purging: PublishedType[] | null = null;
  /** whether there may be something that isn't published */
  #isDirty = true;
  /** milliseconds since the epoch; when the last one was published, and what it took */
  #last = { at: 0, took: 0 };

  constructor(context: CatalogContext) {
    const { store, objects, catalog, plugin, limits } = context;
    this.#context = context;
    this.#snapshots = new Snapshots(objects, catalog);
    this.#types = publishedTypes(plugin);
    this.#pending = new PendingRows(store, this.#types, limits.documentBytes);
    this.#files = new RowsFiles(context, this.#snapshots);
    this.buckets = new BucketFiles(this.#types, this.#pending, this.#files);
    this.#registry = new FileRegistry(store);
    this.#retention = new SnapshotRetention(context, this.#snapshots, this.#registry);
  }

  /**
   * Finds out whether the files are there that the store knows of: a store that is a copy may know some that are gone.
   *
   * @returns who wrote last: another one where the store can't go on, so that everything is built anew
   */
  async take(writer: LastWriter): Promise<LastWriter> {
    [this.#merging, this.#purging, this.#isDirty] = [null, null, true];
    if (writer !== 'another' && (await this.#hasAll())) return writer;
    await this.#context.store.transaction(async () => {
      await this.#registry.forgetAll();
      await this.#pending.clear();
    });
    return 'another';
  }

  /** A generation serves that this store has built. That may be the last thing that happened before its worker ended. */
  async noteServing(generation: number): Promise<void> {
    if (generation > ((await this.#registry.base()) ?? 0)) await this.noteBuilt(generation);
  }

  /** What is in the temporary table `computed` will be written to the index; in the transaction that computes. */
  noteComputed(commit: number): Promise<void> {
    this.#isDirty = true;
    return this.#pending.note(commit);
  }

  /** Documents that were computed last were refused by the index; in the transaction that acknowledges. */
  noteRefused(documents: readonly EntityKey[]): Promise<void> {
    return this.#pending.drop(documents);
  }

  /** Builders make files as of this commit, of which the store doesn't know yet: they stay. Null: nobody does. */
  awaitFiles(commit: number | null): void {
    this.#retention.spare(commit);
  }

  /** Files of a bucket that a builder has made. @throws LazuliError `bad_request` for those that can't be of that build */
  ofBuilder(rows: readonly Omit<RowsFile, 'first' | 'last'>[], commit: number): readonly RowsFile[] {
    return rows.map((file) => {
      const isOurs = this.#types.some(({ number }) => number === file.entityType);
      if (isOurs && this.#files.isAsOf(file.key, commit)) return { ...file, first: commit, last: commit };
      throw new LazuliError('bad_request', `${file.key} is no file of rows of that bucket.`);
    });
  }

  /** These are files of a generation's base; in the transaction that marks the bucket. */
  noteBucket(generation: number, files: readonly RowsFile[]): Promise<void> {
    return this.#registry.add(generation, files);
  }

  /** A generation is whole, serves, and its base counts. */
  async noteBuilt(generation: number): Promise<void> {
    [this.#merging, this.#isDirty] = [null, true];
    await this.#context.store.transaction(async () => {
      await this.#pending.dropUntil(await this.#registry.setBase(generation));
    });
  }

  /** Another base is about to be made: what waits is kept apart from what is newer. */
  async prepareBase(): Promise<void> {
    [this.#merging, this.#isDirty] = [null, true];
    if ((await this.#registry.base()) === null) await this.#pending.clear();
    else await this.#writePending();
  }

  /** A generation is planned, of everything that the store has as of a commit; in the transaction that plans it. */
  noteBegun(generation: number, commit: number): Promise<void> {
    return this.#registry.noteBegun(generation, commit);
  }

  /**
   * What a snapshot has whose base is that of a generation, the one that counts or the one that is being built; what waits
   * is written before. So it can be compared with the ledger (architecture, invariant 21).
   *
   * @returns null where the base of a later generation counts
   */
  async contents(generation: number): Promise<SnapshotContents | null> {
    await this.#writePending();
    const files = await this.#registry.standing(generation);
    return files && contentsOf(this.#context, this.#types, files);
  }

  /** Something is being removed: once that is written, nothing of it may be left in any file. */
  async noteRemoved(): Promise<void> {
    if (this.#types.length === 0) return;
    await this.#registry.wantPurge();
    [this.#purging, this.#isDirty] = [null, true];
  }

  /** A generation was given up. */
  async noteGivenUp(generation: number): Promise<void> {
    this.#isDirty = true; // merges may have waited for it
    await this.#registry.forget(generation);
  }

  /**
   * Publishes what has changed, where it is time for that, or does a part of a merge.
   *
   * @param isBusy whether more is being written
   * @param asOf commit up to which everything is written
   * @returns whether there is more to do at once
   */
  async step(isBusy: boolean, asOf: number): Promise<boolean> {
    if (this.#types.length === 0 || (!this.#isDirty && this.#merging === null)) return false;
    const { clock } = this.#context;
    const started = clock.now();
    if (this.#isDirty ? !isRested(this.#restFor(isBusy), started) : isBusy) return false;
    const base = await this.#registry.base();
    if (base === null) {
      this.#isDirty = false; // it is once there is one
      return false;
    }
    if (!this.#isDirty) return this.#merge();
    await this.#writePending();
    const current = { base: await this.#registry.files(base), deltas: await this.#registry.files(null) };
    await this.#publish(current, asOf);
    const isPurged = this.#purging?.length === 0;
    await this.#retention.tidy(isPurged);
    if (isPurged) await this.#registry.notePurged();
    this.#isDirty = false;
    this.#last = { at: clock.now(), took: clock.now() - started };
    if (isPurged) this.#purging = null;
    else if (!isBusy && (await this.#registry.isPurgeWanted())) this.#purging ??= await this.#typesWithFiles();
    this.#merging ??= this.#mergeNeeded((await this.#registry.isBuilding()) ? null : base, current);
    return this.#merging !== null && !isBusy;
  }

  /** Milliseconds until the next one may be published; null where nothing waits for that. */
  restLeft(): number | null {
    return this.#isDirty && this.#types.length > 0 ? restLeft(this.#restFor(false), this.#context.clock.now()) : null;
  }

  #restFor(isBusy: boolean): Rest {
    const { at, took } = this.#last;
    // What took long because something was out of reach says nothing of what the next one will take.
    const rest = Math.min(restPerCost * took, restMillis.busy);
    return { since: at, millis: Math.max(rest, isBusy ? restMillis.busy : restMillis.idle) };
  }

  async #writePending(): Promise<void> {
    const { store, fault } = this.#context;
    if (!(await this.#pending.some())) return;
    await store.expect('little');
    const written: RowsFile[] = [];
    for (const type of this.#types) {
      const parts = partsOf(await this.#pending.count(type));
      for (const part of parts) {
        const select = inPart(this.#pending.select(type), part);
        const put = await this.#files.put(type, await this.#files.write(type, 'pending', select));
        if (put !== null) written.push(put);
      }
    }
    fault('transform.snapshot-written');
    await store.transaction(async () => {
      await this.#registry.add(null, written);
      await this.#pending.clear();
    });
  }

  async #publish(current: Current, asOf: number): Promise<void> {
    const { epoch, plugin, clock, fault } = this.#context;
    const types = this.#typesOf(current);
    this.#published ??= await this.#snapshots.newest();
    if (this.#published !== null && sameFiles(this.#published.types, types)) return;
    await expectOwned(this.#context);
    fault('transform.snapshot-recorded');
    const { name, version } = plugin;
    const published = new Date(clock.now()).toISOString();
    const of = { epoch, asOf, published, plugin: { name, version }, documents: layoutHash(plugin) };
    this.#published = await this.#snapshots.publish({ ...of, types });
    fault('transform.snapshot-published');
  }

  #typesOf({ base, deltas }: Current): Types {
    const of = (files: readonly RowsFile[], { number }: PublishedType) =>
      files.filter(({ entityType }) => entityType === number).map(fileOf);
    return Object.fromEntries(
      this.#types.map((type) => [type.name, { base: of(base, type), deltas: of(deltas, type) }]),
    );
  }

  /** @param generation into whose base deltas may be merged; null: while another one is made they stay apart */
  #mergeNeeded(generation: number | null, { base, deltas }: Current): Merging | null {
    for (const type of this.#types) {
      const isPurged = generation !== null && this.#purging?.includes(type) === true;
      const needed = isPurged
        ? mergeOfAll(type, generation, [...base, ...deltas])
        : mergeOf(type, generation, base, deltas);
      if (needed !== null) return needed;
    }
    return null;
  }

  async #typesWithFiles(): Promise<PublishedType[]> {
    const files = await this.#registry.files();
    return this.#types.filter(({ number }) => files.some(({ entityType }) => entityType === number));
  }

  /** @returns whether there is more to do at once */
  async #merge(): Promise<boolean> {
    if (!(await this.#merging?.step(this.#context, this.#files, this.#registry))) return true;
    this.#purging = this.#purging?.filter((type) => type !== this.#merging?.type) ?? null;
    [this.#merging, this.#isDirty] = [null, true];
    return false;
  }

  async #hasAll(): Promise<boolean> {
    const present = new Set<string>();
    for await (const key of this.#snapshots.files()) present.add(key);
    return (await this.#registry.files()).every(({ key }) => present.has(key));
  }
}

/** Files of which a snapshot consists now, of all types. */
interface Current {
  readonly base: readonly RowsFile[];
  readonly deltas: readonly RowsFile[];
}

const fileOf = ({ key, rows, bytes, sha256, hashes }: RowsFile): SnapshotFile => ({ key, rows, bytes, sha256, hashes });

type Types = Readonly<Record<string, SnapshotOfType>>;

const sameFiles = (one: Types, other: Types): boolean => JSON.stringify(one) === JSON.stringify(other);

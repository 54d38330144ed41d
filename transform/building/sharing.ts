import { writeFile } from 'node:fs/promises';
import { LazuliError } from '../../core/config/errors.ts';
import type { BucketItem, BucketRef, BucketReport, BuiltBucket, HandedOut } from '../../core/control/building.ts';
import { layoutHash } from '../../core/documents/document-layout.ts';
import { text } from '../../core/duckdb/sql.ts';
import { isRested, type Rest, rested } from '../../core/runtime/rest.ts';
import type { Bucket } from '../generations/plan.ts';
import { storeLayout } from '../store/store.ts';
import { Handout } from './handout.ts';
import type { BuildParts } from './parts.ts';
import { deleteResults, readResult, resultColumns, unfit } from './results.ts';

/** Between two attempts to make a copy for builders: meanwhile the owner builds. */
const copyRestMillis = 60_000;

/** The copy of the store that builders compute from. */
interface Shared {
  readonly key: string;
  /** gives all that they write its version: lower than that of whatever the owner writes later */
  readonly commit: number;
}

/**
 * Has builders do buckets of a build. They compute from a copy of the store, as of a commit that nothing else has: so what
 * the owner writes meanwhile is newer than anything of theirs, however late that comes, and equal versions have equal content
 * (architecture, invariant 22). What they report, the owner notes between two steps.
 */
export class Sharing {
  readonly handout: Handout;
  readonly #parts: BuildParts;
  readonly #generation: number;
  readonly #stop: AbortSignal;
  readonly #onWritten: (bucket: Bucket) => void;
  #shared: Shared | null = null;
  #copyRest: Rest = rested;
  #wanted = 0;
  #waits = false;

  /** @param onWritten called with each bucket that a builder has written */
  constructor(parts: BuildParts, generation: number, stop: AbortSignal, onWritten: (bucket: Bucket) => void) {
    this.#parts = parts;
    this.#generation = generation;
    this.#stop = stop;
    this.#onWritten = onWritten;
    this.handout = new Handout(parts.context);
  }

  /** Whether the owner has nothing to do for the build but to note what builders report. */
  get waits(): boolean {
    return this.#waits;
  }

  noteWaits(waits: boolean): void {
    this.#waits = waits;
  }

  get shown(): HandedOut {
    return this.handout.shown(this.#wanted);
  }

  /** Lets builders take buckets, once indices are there and the store is copied. Without a copy the owner builds alone. */
  async share(builders: number, create: () => Promise<void>): Promise<void> {
    this.#wanted = builders;
    const { context, commits, copies, snapshots } = this.#parts;
    const { clock, store, catalog, logger, fault } = context;
    const isNeeded = builders > 0 && !this.handout.isOpen && !this.handout.isDone;
    if (!isNeeded || !isRested(this.#copyRest, clock.now())) return;
    this.#copyRest = { since: clock.now(), millis: copyRestMillis };
    await create();
    const commit = await store.transaction(() => commits.next());
    try {
      await deleteResults(context.objects, catalog, context.epoch);
      this.#shared = { key: await copies.hold(this.#stop), commit };
    } catch (err) {
      this.#stop.throwIfAborted();
      logger.warn({ err, catalog }, 'the store could not be copied for builders');
      return;
    }
    fault('transform.shared');
    snapshots.awaitFiles(commit);
    this.handout.open();
  }

  /** The next bucket for a builder; null where there is none. */
  take(builder: string): BucketItem | null {
    if (this.#shared === null) return null;
    const bucket = this.handout.take(builder);
    if (bucket === null) return null;
    const { plugin } = this.#parts.context;
    return {
      of: this.#refOf(bucket.number, this.#shared),
      bundles: bucket.bundles,
      copy: this.#shared.key,
      layouts: { store: storeLayout(plugin), documents: layoutHash(plugin) },
    };
  }

  /** A builder works on a bucket. @returns whether it is to go on */
  keep(of: BucketRef, builder: string): boolean {
    return this.#isOurs(of) && this.handout.keep(of.bucket, builder);
  }

  /** A builder has to stop working on a bucket, which others may have later. */
  release(of: BucketRef, builder: string): void {
    if (this.#isOurs(of)) this.handout.release(of.bucket, builder);
  }

  /**
   * Notes what a builder has made of a bucket, or that it hasn't.
   *
   * @throws LazuliError `conflict` for a bucket that isn't to be built any more, `bad_request` for what doesn't fit
   */
  async note({ builder, of, built, failure }: BucketReport): Promise<void> {
    const bucket = this.#isOurs(of) ? this.handout.builtByOthers(of.bucket) : null;
    if (bucket === null) throw notAwaited(of);
    const { logger } = this.#parts.context;
    if (built === null && failure === null) return this.handout.giveBack(bucket);
    if (built === null) {
      logger.warn({ ...of, builder, failure }, 'a builder could not build a bucket: the owner does');
      return this.handout.leaveToOwner(bucket);
    }
    try {
      await this.#enter(bucket, of, built);
    } catch (error) {
      if (error instanceof LazuliError && error.code === 'bad_request') {
        logger.warn({ ...of, builder, err: error }, 'what a builder has built does not fit: the owner builds it');
        this.handout.leaveToOwner(bucket);
      }
      throw error;
    }
    this.handout.done(bucket.number);
    this.#onWritten(bucket);
  }

  /** What builders do from now on is of no use. */
  async end(): Promise<void> {
    const { context, copies, snapshots } = this.#parts;
    const { objects, catalog, epoch, logger } = context;
    this.handout.close();
    this.#waits = false;
    snapshots.awaitFiles(null);
    if (this.#shared === null) return;
    this.#shared = null;
    try {
      await copies.letGo();
      await deleteResults(objects, catalog, epoch);
    } catch (err) {
      logger.warn({ err, catalog }, 'what builders have left could not be deleted: the next build does that');
    }
  }

  async #enter(bucket: Bucket, of: BucketRef, built: BuiltBucket): Promise<void> {
    const { context, generations, snapshots } = this.#parts;
    const { store, objects, fault } = context;
    const files = snapshots.ofBuilder(built.rows, of.commit);
    const result = store.scratchFile(`built-${of.bucket}.parquet`);
    await writeFile(result, await readResult(objects, of, built));
    const documents = `SELECT * FROM read_parquet(${text(result)})`;
    if (!(await this.#hasColumns(documents))) throw unfit(of, 'it has other columns');
    await store.transaction(async () => {
      const lacking = await generations.noteBuilt(this.#generation, bucket.number, of.commit, documents);
      if (lacking > 0) throw unfit(of, `it lacks ${lacking} documents`);
      await snapshots.noteBucket(this.#generation, files);
      await generations.plan.markWritten([bucket.number]);
    });
    fault('transform.bucket-noted');
    await objects.delete(built.hashes.key).catch((err: unknown) => {
      context.logger.warn({ err, key: built.hashes.key }, 'it could not be deleted: the end of the build does that');
    });
  }

  async #hasColumns(documents: string): Promise<boolean> {
    const columns = await this.#parts.context.store
      .rows(`SELECT column_name, column_type FROM (DESCRIBE ${documents})`)
      .catch(() => []);
    return columns.map((column) => `${column.column_name} ${column.column_type}`).join(', ') === resultColumns;
  }

  #refOf(bucket: number, { commit }: Shared): BucketRef {
    const { catalog, epoch } = this.#parts.context;
    return { catalog, epoch, generation: this.#generation, commit, bucket };
  }

  #isOurs(of: BucketRef): boolean {
    if (this.#shared === null) return false;
    const ours = this.#refOf(of.bucket, this.#shared);
    return of.epoch === ours.epoch && of.generation === ours.generation && of.commit === ours.commit;
  }
}

/** A bucket of another run or epoch, or one that is written, or the owner's. */
export const notAwaited = ({ catalog, bucket, generation, epoch }: BucketRef): LazuliError =>
  new LazuliError(
    'conflict',
    `Bucket ${bucket} of generation ${generation} of ${catalog}, epoch ${epoch}, is not to be built by builders any more.`,
    { remedy: 'Nothing: the builder drops it, and takes another one.' },
  );

import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import { computeFor } from '../emitting/compute-for.ts';
import type { GenerationWriter } from '../emitting/generation-writer.ts';
import type { Generations } from '../generations/generations.ts';
import type { Bucket, Planned } from '../generations/plan.ts';
import type { BucketRows, SnapshotPublisher } from '../snapshots/publisher.ts';
import type { Commits } from '../store/commits.ts';
import { mayBeOwn } from '../store/failures.ts';
import type { EntityKey } from '../store/schema.ts';
import { type SourceTally, Tally } from './tally.ts';

/** How far a build is. */
export interface BuildProgress {
  readonly generation: number;
  /** documents */
  readonly done: number;
  readonly expected: number;
  /** milliseconds since the epoch */
  readonly started: number;
  /** documents that were written by then */
  readonly before: number;
  readonly sources: readonly SourceTally[];
}

/** A bucket that was computed. */
interface Computed {
  /** @returns those that OpenSearch has refused */
  readonly write: () => Promise<readonly EntityKey[]>;
  readonly rows: BucketRows;
}

/** A bucket that was written. */
interface Written {
  readonly bucket: number;
  readonly rows: BucketRows;
  readonly refused: readonly EntityKey[];
}

/** Buckets in flight or waiting: bounds memory. */
const maxBuiltAhead = 2;

/**
 * Writes all documents of a plan into one generation, a bucket a step. While buckets are written, the next ones are
 * computed; the first one while indices are created. Between two steps the store may change: each bucket has the
 * version of the moment at which it is computed, and what loads touch is left to those who write that.
 */
export class Build {
  readonly #context: CatalogContext;
  readonly #commits: Commits;
  readonly #generations: Generations;
  readonly #documents: Documents;
  readonly #snapshots: SnapshotPublisher;
  readonly #writer: GenerationWriter;
  /** whether it has no indices yet */
  readonly #isFresh: boolean;
  readonly #started: number;
  #remaining: Bucket[] | null = null;
  #created: Promise<void> | null = null;
  #inFlight: Promise<void>[] = [];
  /** written, but not marked yet: the store is the owner's between steps */
  #written: Written[] = [];
  readonly #expected: number;
  readonly #before: number;
  #done: number;
  #tally: Tally;

  constructor(
    context: CatalogContext,
    commits: Commits,
    generations: Generations,
    documents: Documents,
    snapshots: SnapshotPublisher,
    writer: GenerationWriter,
    { expected, written, sources }: Planned,
    isFresh: boolean,
  ) {
    this.#context = context;
    this.#commits = commits;
    this.#generations = generations;
    this.#documents = documents;
    this.#snapshots = snapshots;
    this.#writer = writer;
    this.#isFresh = isFresh;
    this.#started = context.clock.now();
    [this.#expected, this.#before, this.#done] = [expected, written, written];
    this.#tally = new Tally(sources);
  }

  get generation(): number {
    return this.#writer.generation;
  }

  get progress(): BuildProgress {
    const { sources } = this.#tally;
    const [started, before] = [this.#started, this.#before];
    return { generation: this.generation, done: this.#done, expected: this.#expected, started, before, sources };
  }

  /**
   * Builds the next bucket, and sees to it that it is written. After an error a step may be repeated.
   *
   * @returns whether everything is written
   */
  async step(): Promise<boolean> {
    try {
      const bucket = await this.#next();
      if (bucket !== undefined) await this.#build(bucket);
      else await Promise.all([this.#create(), ...this.#inFlight]);
      await this.#markWritten();
      return bucket === undefined;
    } catch (error) {
      await this.#recall();
      throw error;
    }
  }

  /** Waits for what is in flight, whatever becomes of it. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }

  async #next(): Promise<Bucket | undefined> {
    this.#remaining ??= [...(await this.#generations.plan.remaining())];
    return this.#remaining.shift();
  }

  async #build(bucket: Bucket): Promise<void> {
    const { store, fault } = this.#context;
    const created = this.#create();
    await store.expect('much');
    const commit = await store.transaction(() => this.#commits.next());
    const computed = await this.#compute(bucket, commit);
    this.#tally.noteComputed(bucket.number);
    fault('transform.bucket-built');
    if (this.#inFlight.length >= maxBuiltAhead) await this.#inFlight.shift();
    await created;
    if (computed === null) {
      await store.transaction(async () => this.#generations.plan.leave(bucket, await this.#commits.next()));
      return this.#note(bucket);
    }
    const { write, rows } = computed;
    const written = write().then((refused) => {
      this.#written.push({ bucket: bucket.number, rows, refused });
      this.#note(bucket);
    });
    written.catch(() => undefined); // it is awaited above or in a later step, perhaps after others
    this.#inFlight.push(written);
  }

  /** @returns null where a document can't be computed: the emitter finds out which one it is */
  async #compute(bucket: Bucket, commit: number): Promise<Computed | null> {
    try {
      await this.#generations.plan.want(bucket);
      const { bundles, number } = bucket;
      const write = await computeFor([this.#writer], this.#documents, this.#generations, { commit, bundles });
      return { write, rows: await this.#snapshots.writeBucket(number, commit) };
    } catch (error) {
      if (!mayBeOwn(error)) throw error;
      return null;
    }
  }

  #note(bucket: Bucket): void {
    this.#tally.noteWritten(bucket.number);
    this.#done += bucket.documents;
  }

  #create(): Promise<void> {
    this.#created ??= this.#isFresh ? this.#generations.create(this.generation) : Promise.resolve();
    this.#created.catch(() => undefined); // it is awaited before anything is written
    return this.#created;
  }

  async #markWritten(): Promise<void> {
    for (const { bucket, rows, refused } of this.#written.splice(0)) {
      const files = await this.#snapshots.keepBucket(rows, refused);
      await this.#context.store.transaction(async () => {
        await this.#snapshots.noteBucket(this.generation, files);
        await this.#generations.plan.markWritten([bucket]);
      });
    }
  }

  /** What was in flight when something failed is built again, but for buckets that are marked. */
  async #recall(): Promise<void> {
    await Promise.allSettled(this.#inFlight.splice(0));
    await this.#created?.catch(() => {
      this.#created = null;
    });
    const { written, sources } = await this.#generations.plan.planned();
    this.#done = written;
    this.#tally = new Tally(sources);
    this.#written = [];
    this.#remaining = null;
  }
}

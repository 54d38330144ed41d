import type { HandedOut } from '../../core/control/building.ts';
import { computeFor } from '../emitting/compute-for.ts';
import type { GenerationWriter } from '../emitting/generation-writer.ts';
import type { Bucket, Planned } from '../generations/plan.ts';
import type { BucketRows } from '../snapshots/bucket-files.ts';
import { mayBeOwn } from '../store/failures.ts';
import type { EntityKey } from '../store/schema.ts';
import type { BuildParts } from './parts.ts';
import { Sharing } from './sharing.ts';
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
  readonly builders: HandedOut;
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
 * version of the moment at which it is computed, and what loads touch is left to those who write that. Builders may do
 * buckets, too (`Sharing`).
 */
export class Build {
  readonly #parts: BuildParts;
  readonly #writer: GenerationWriter;
  readonly #sharing: Sharing;
  /** whether it has no indices yet */
  readonly #isFresh: boolean;
  readonly #started: number;
  #created: Promise<void> | null = null;
  #inFlight: Promise<void>[] = [];
  /** written, but not marked yet: the store is the owner's between steps */
  #written: Written[] = [];
  readonly #expected: number;
  readonly #before: number;
  #done: number;
  #tally: Tally;

  constructor(
    parts: BuildParts,
    writer: GenerationWriter,
    { expected, written, sources }: Planned,
    isFresh: boolean,
    stop: AbortSignal,
  ) {
    this.#parts = parts;
    this.#writer = writer;
    this.#isFresh = isFresh;
    this.#sharing = new Sharing(parts, writer.generation, stop, (bucket) => this.#note(bucket));
    this.#started = parts.context.clock.now();
    [this.#expected, this.#before, this.#done] = [expected, written, written];
    this.#tally = new Tally(sources);
  }

  get generation(): number {
    return this.#writer.generation;
  }

  /** What builders ask of it, and tell it. */
  get sharing(): Sharing {
    return this.#sharing;
  }

  get progress(): BuildProgress {
    const { sources } = this.#tally;
    const [started, before, builders] = [this.#started, this.#before, this.#sharing.shown];
    return {
      generation: this.generation,
      done: this.#done,
      expected: this.#expected,
      started,
      before,
      sources,
      builders,
    };
  }

  /**
   * Builds the next bucket, and sees to it that it is written. After an error a step may be repeated.
   *
   * @param builders that are wanted
   * @returns whether everything is written
   */
  async step(builders: number): Promise<boolean> {
    try {
      const { handout } = this.#sharing;
      if (!handout.isFilled) handout.fill(await this.#parts.generations.plan.remaining());
      await this.#sharing.share(builders, () => this.#create());
      const bucket = handout.next();
      if (bucket !== undefined && bucket !== 'others') await this.#build(bucket);
      else await this.#finish();
      await this.#markWritten();
      this.#sharing.noteWaits(bucket === 'others');
      return bucket === undefined;
    } catch (error) {
      await this.#recall();
      throw error;
    }
  }

  async #finish(): Promise<void> {
    await Promise.all([this.#create(), ...this.#inFlight]);
    this.#inFlight = [];
  }

  /** Waits for what is in flight, whatever becomes of it. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
    await this.#sharing.end();
  }

  async #build(bucket: Bucket): Promise<void> {
    const { context, commits, generations } = this.#parts;
    const { store, fault } = context;
    const created = this.#create();
    await store.expect('much');
    const commit = await store.transaction(() => commits.next());
    const computed = await this.#compute(bucket, commit);
    this.#tally.noteComputed(bucket.number);
    fault('transform.bucket-built');
    if (this.#inFlight.length >= maxBuiltAhead) await this.#inFlight.shift();
    await created;
    if (computed === null) {
      await store.transaction(async () => generations.plan.leave(bucket, await commits.next()));
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
    const { generations, documents, snapshots } = this.#parts;
    try {
      await generations.plan.want(bucket.number);
      const { bundles, number } = bucket;
      const write = await computeFor([this.#writer], documents, generations, { commit, bundles });
      return { write, rows: await snapshots.buckets.write(number, commit) };
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
    const { generations } = this.#parts;
    this.#created ??= this.#isFresh ? generations.create(this.generation) : Promise.resolve();
    this.#created.catch(() => undefined); // it is awaited before anything is written
    return this.#created;
  }

  async #markWritten(): Promise<void> {
    const { context, generations, snapshots } = this.#parts;
    for (const { bucket, rows, refused } of this.#written.splice(0)) {
      const files = await snapshots.buckets.keep(rows, refused);
      await context.store.transaction(async () => {
        await snapshots.noteBucket(this.generation, files);
        await generations.plan.markWritten([bucket]);
      });
    }
  }

  /** What was in flight when something failed is built again, but for buckets that are marked. */
  async #recall(): Promise<void> {
    await Promise.allSettled(this.#inFlight.splice(0));
    await this.#created?.catch(() => {
      this.#created = null;
    });
    const { written, sources } = await this.#parts.generations.plan.planned();
    this.#done = written;
    this.#tally = new Tally(sources);
    this.#written = [];
    this.#sharing.handout.empty();
  }
}

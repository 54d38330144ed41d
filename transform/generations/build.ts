import type { Clock, FaultPoint } from '../../core/runtime/ports.ts';
import type { Emission, LargeDocument, Target } from '../emitting/emission.ts';
import { mayBeOwn } from '../emitting/own-faults.ts';
import type { Writing } from '../emitting/writing.ts';
import type { Commits } from '../owner/commits.ts';
import type { BulkBody } from '../sink/body.ts';
import type { Store } from '../store/store.ts';
import { type SourceTally, Tally } from '../verification/tally.ts';
import type { Ledger } from './ledger.ts';
import type { Bucket, BuildPlan, Planned } from './plan.ts';

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

export interface BuildParts {
  readonly store: Store;
  readonly plan: BuildPlan;
  readonly ledger: Ledger;
  readonly emission: Emission;
  readonly commits: Commits;
  readonly writing: Writing;
  readonly target: (commit: number) => Target;
  /** Makes the indices of the generation; called again only when it failed. */
  readonly create: () => Promise<void>;
  readonly clock: Clock;
  readonly fault: FaultPoint;
}

/** What is to be written of a bucket. */
interface Computed {
  readonly bodies: readonly BulkBody[];
  readonly large: readonly LargeDocument[];
}

/** Buckets in flight or waiting: bounds memory. */
const maxBuiltAhead = 2;

/**
 * Writes all documents of a plan into one generation, a bucket a step. While buckets are written, the next ones are
 * computed; the first one while indices are created. Between two steps the store may change: each bucket has the
 * version of the moment at which it is computed, and what loads touch is left to those who write that.
 */
export class Build {
  readonly generation: number;
  readonly #parts: BuildParts;
  readonly #started: number;
  #remaining: Bucket[] | null = null;
  #created: Promise<void> | null = null;
  #inFlight: Promise<void>[] = [];
  /** written, but not marked yet: the store is the owner's between steps */
  #written: number[] = [];
  readonly #expected: number;
  readonly #before: number;
  #done: number;
  #tally: Tally;

  constructor(generation: number, { expected, written, sources }: Planned, parts: BuildParts) {
    this.generation = generation;
    this.#parts = parts;
    this.#started = parts.clock.now();
    [this.#expected, this.#before, this.#done] = [expected, written, written];
    this.#tally = new Tally(sources);
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
    this.#remaining ??= [...(await this.#parts.plan.remaining())];
    return this.#remaining.shift();
  }

  async #build(bucket: Bucket): Promise<void> {
    const { store, commits, target: targetOf, writing, fault } = this.#parts;
    const created = this.#create();
    await store.expect('much');
    const commit = await store.transaction(() => commits.next());
    const target = targetOf(commit);
    const computed = await this.#compute(bucket, commit, target);
    this.#tally.noteComputed(bucket.number);
    fault('transform.bucket-built');
    if (this.#inFlight.length >= maxBuiltAhead) await this.#inFlight.shift();
    await created;
    if (computed === null) {
      await store.transaction(async () => this.#parts.plan.leave(bucket, await commits.next()));
      return this.#note(bucket);
    }
    const written = writing.write(target, computed.bodies, computed.large).then(() => {
      this.#written.push(bucket.number);
      this.#note(bucket);
    });
    written.catch(() => undefined); // it is awaited above or in a later step, perhaps after others
    this.#inFlight.push(written);
  }

  /** @returns null where a document can't be computed: who writes what loads touch finds out which one it is */
  async #compute(bucket: Bucket, commit: number, target: Target): Promise<Computed | null> {
    const { plan, ledger, emission } = this.#parts;
    try {
      await plan.want(bucket);
      await emission.compute(bucket.bundles);
      await ledger.note([this.generation], commit);
      return { bodies: await emission.bodies(target), large: await emission.tooLarge() };
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
    this.#created ??= this.#parts.create();
    this.#created.catch(() => undefined); // it is awaited before anything is written
    return this.#created;
  }

  async #markWritten(): Promise<void> {
    const written = this.#written.splice(0);
    await this.#parts.plan.markWritten(written);
  }

  /** What was in flight when something failed is built again, but for buckets that are marked. */
  async #recall(): Promise<void> {
    await Promise.allSettled(this.#inFlight.splice(0));
    await this.#created?.catch(() => {
      this.#created = null;
    });
    const { written, sources } = await this.#parts.plan.planned();
    this.#done = written;
    this.#tally = new Tally(sources);
    this.#written = [];
    this.#remaining = null;
  }
}

import { LazuliError } from '../../core/config/errors.ts';
import type { BucketItem, BucketReport } from '../../core/control/building.ts';
import { Refused } from '../../core/http/ask-json.ts';
import { type Backoff, fullJitter } from '../../core/runtime/backoff.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock, FaultPoint } from '../../core/runtime/ports.ts';
import { mayBeOwn } from '../store/failures.ts';
import type { EntityKey } from '../store/schema.ts';
import type { BucketOwners, HeldBucket } from './owners.ts';
import type { ComputedBucket, Workbench } from './workbench.ts';

/** How a bucket of this builder ended. */
export type Outcome = 'built' | 'failed' | 'given back' | 'lost';

/** What computes buckets from a copy. */
type Bench = Pick<Workbench, 'copy' | 'compute' | 'finish' | 'close'>;

export interface LoopParts {
  readonly owners: BucketOwners;
  /** Opens the copy that a bucket is computed from; null where that can't be done here. */
  readonly open: (item: BucketItem) => Promise<Bench | null>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fault: FaultPoint;
  /** between two questions for a bucket where there is none, and between two signs of life */
  readonly pace: Pace;
  readonly onEnd: (outcome: Outcome, millis: number) => void;
  readonly onBeat: () => Promise<void>;
}

/** Milliseconds. */
export interface Pace {
  readonly idle: number;
  readonly beat: number;
}

/** A bucket whose documents are written. */
interface Written {
  readonly held: HeldBucket;
  readonly computed: ComputedBucket;
  readonly refused: readonly EntityKey[];
}

/** One is computed while others are written and reported. */
const maxHeld = 3;
/** For saying that it gives back what it has, when it ends. */
const farewellMillis = 2_000;
const reportBackoff: Backoff = { baseMillis: 200, capMillis: 5_000 };
const giveBackBackoff: Backoff = { baseMillis: 500, capMillis: 30_000 };

/** Takes buckets, one after the other, and builds them: while some are written, the next one is computed. */
export class BuilderLoop {
  readonly #parts: LoopParts;
  readonly #stop = new AbortController();
  #bench: Bench | null = null;
  readonly #inFlight = new Set<Promise<void>>();
  /** their files are still to be put, which needs the store */
  readonly #written: Written[] = [];
  /** buckets in a row that it had to give back */
  #failures = 0;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** Works until stopped; what it has then is given back. */
  async run(): Promise<void> {
    const beating = this.#beat();
    try {
      while (!this.#stop.signal.aborted) await this.#step();
    } finally {
      this.stop();
      await Promise.all([beating, ...this.#inFlight]);
      await this.#giveAllBack();
      await this.#bench?.close();
    }
  }

  stop(): void {
    this.#stop.abort(new LazuliError('unavailable', 'The builder is stopping'));
  }

  async #step(): Promise<void> {
    const { owners } = this.#parts;
    await this.#finishWritten();
    if (owners.held.size < maxHeld) {
      const held = await owners.take();
      if (held !== null) return this.#build(held);
    }
    await this.#rest(owners.held.size < maxHeld);
  }

  async #build(held: HeldBucket): Promise<void> {
    const { fault, owners } = this.#parts;
    fault('transform.bucket-taken');
    try {
      const bench = await this.#benchFor(held.item);
      if (bench === null) {
        owners.leaveOut(held.item.of.catalog);
        return this.#report(held, givenBack, 'given back');
      }
      const signal = AbortSignal.any([this.#stop.signal, held.lost.signal]);
      const computed = await bench.compute(held.item, signal);
      fault('transform.bucket-computed');
      this.#follow(
        computed.write().then((refused) => void this.#written.push({ held, computed, refused })),
        held,
      );
    } catch (error) {
      await this.#fail(held, error);
    }
  }

  /** The copy of the last bucket, as a rule. Another one takes its place once nothing needs that. */
  async #benchFor(item: BucketItem): Promise<Bench | null> {
    if (this.#bench?.copy === item.copy) return this.#bench;
    await Promise.all(this.#inFlight);
    await this.#finishWritten();
    const former = this.#bench;
    this.#bench = null;
    await former?.close();
    this.#bench = await this.#parts.open(item);
    return this.#bench;
  }

  async #finishWritten(): Promise<void> {
    const { fault } = this.#parts;
    for (const { held, computed, refused } of this.#written.splice(0)) {
      fault('transform.bucket-written');
      try {
        held.lost.signal.throwIfAborted();
        const built = await this.#bench?.finish(computed, refused);
        fault('transform.bucket-stored');
        this.#failures = 0;
        if (built !== undefined) this.#follow(this.#report(held, { built, failure: null }, 'built'), held);
      } catch (error) {
        await this.#fail(held, error);
      }
    }
  }

  /** What only needs time is given back, so that others may try; what fails by itself is left to the owner. */
  async #fail(held: HeldBucket, error: unknown): Promise<void> {
    const { logger, clock } = this.#parts;
    if (this.#stop.signal.aborted) return;
    if (held.lost.signal.aborted) return this.#end(held, 'lost');
    logger.warn({ err: error, ...held.item.of }, 'a bucket could not be built');
    if (isForOwner(error)) return this.#report(held, { built: null, failure: reasonOf(error) }, 'failed');
    this.#follow(this.#report(held, givenBack, 'given back'), held);
    await clock.sleep(fullJitter(++this.#failures, giveBackBackoff), this.#stop.signal).catch(() => undefined);
  }

  /** Tells the owner, again and again until it hears, or has lost interest. */
  async #report(held: HeldBucket, what: Said, outcome: Outcome): Promise<void> {
    const { owners, clock, logger, fault } = this.#parts;
    const signal = AbortSignal.any([this.#stop.signal, held.lost.signal]);
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await owners.report(held, what);
        fault('transform.bucket-reported');
        return this.#end(held, outcome);
      } catch (err) {
        if (err instanceof Refused && err.answered < 500) {
          logger.info({ err, ...held.item.of }, 'the owner does not want a bucket');
          return this.#end(held, 'lost');
        }
        await clock.sleep(fullJitter(failures, reportBackoff), signal).catch(() => undefined);
      }
    }
    if (!this.#stop.signal.aborted) this.#end(held, 'lost');
  }

  #end(held: HeldBucket, outcome: Outcome): void {
    const { owners, clock, onEnd } = this.#parts;
    owners.held.delete(held);
    onEnd(outcome, clock.now() - held.began);
  }

  /** Goes on with other work meanwhile. */
  #follow(work: Promise<void>, held: HeldBucket): void {
    const followed = work
      .catch((error: unknown) => this.#fail(held, error))
      .then(() => void this.#inFlight.delete(followed));
    this.#inFlight.add(followed);
  }

  /** Until something in flight has ended, or somebody may have a bucket. */
  async #rest(wants: boolean): Promise<void> {
    const { clock, pace } = this.#parts;
    const woken = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, woken.signal]);
    const slept = clock.sleep(wants ? pace.idle : pace.beat, signal).catch(() => undefined);
    await Promise.race([slept, ...this.#inFlight]);
    woken.abort();
  }

  async #beat(): Promise<void> {
    const { clock, pace, owners, onBeat } = this.#parts;
    while (!this.#stop.signal.aborted) {
      await clock.sleep(pace.beat, this.#stop.signal).catch(() => undefined);
      if (!this.#stop.signal.aborted) await Promise.all([owners.keep(), onBeat()]);
    }
  }

  /** Others get what this builder has, at once. */
  async #giveAllBack(): Promise<void> {
    const { owners, clock } = this.#parts;
    if (owners.held.size === 0) return;
    await Promise.race([
      clock.sleep(farewellMillis),
      Promise.allSettled([...owners.held].map((held) => owners.report(held, givenBack))),
    ]);
  }
}

type Said = Pick<BucketReport, 'built' | 'failure'>;

const givenBack: Said = { built: null, failure: null };
/** What an owner hears is bounded. */
const longestReason = 2000;

/** What no other builder could do better; other content under an equal version is the worst of it (invariant 11). */
const isForOwner = (error: unknown): boolean =>
  mayBeOwn(error) || (error instanceof LazuliError && error.code === 'version_violated');

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, longestReason);

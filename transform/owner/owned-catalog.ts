import { bounded } from '../../core/config/bounded.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { fullJitter } from '../../core/runtime/backoff.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { isRefusal } from '../../plugins/opening.ts';
import type { PointerOwner } from '../loading/processor.ts';
import { type Pause, pauseOf } from '../sink/pause.ts';
import type { Store } from '../store/store.ts';
import type { CatalogOwner } from './catalog.ts';

/** A catalog with its store, as it was taken over. */
export interface Taken {
  readonly owner: Pick<CatalogOwner, 'run' | 'stop' | 'load' | 'isWritten' | 'progress'>;
  /** the epoch before this worker's */
  readonly before: number;
  readonly store: Pick<Store, 'close'>;
}

export interface OwnedCatalogParts<T extends Taken> {
  readonly catalog: string;
  /** whether the worker has no other one: what it must not survive ends the worker then */
  readonly alone: boolean;
  /** Takes the catalog over: opens its store, takes an epoch. */
  readonly open: () => Promise<T>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What another worker has taken over is left to it: until this one is started again. */
const never = 2 ** 31 - 1;
/** Between attempts to take a catalog over again. */
const againBackoff = { baseMillis: 1_000, capMillis: 60_000 };

/**
 * One catalog of a worker. What fails there in a way that nobody foresaw stops it alone: it is let go of, and taken over
 * again from its store a while later, as after a crash. The others don't notice.
 */
export class OwnedCatalog<T extends Taken> implements PointerOwner {
  readonly #parts: OwnedCatalogParts<T>;
  readonly #stop = new AbortController();
  #open: T | null = null;
  #failure: Pause | null = null;
  #failures = 0;
  /** by another worker */
  #isTaken = false;
  /** what only another configuration or plug-in puts right */
  #refusal: LazuliError | null = null;

  constructor(parts: OwnedCatalogParts<T>) {
    this.#parts = parts;
  }

  /** Null while it is being taken over, or let go of after a failure. */
  get open(): T | null {
    return this.#open;
  }

  /** Why it was let go of; null since it has got over that. */
  get failure(): Pause | null {
    if (this.#open?.owner.progress.state === 'idle') {
      this.#failure = null;
      this.#failures = 0;
    }
    return this.#failure;
  }

  /** Why it isn't taken over until the worker is started again, if its configuration or plug-in is wrong. */
  get refusal(): LazuliError | null {
    return this.#refusal;
  }

  /** Takes the catalog over, or notes why that failed. @throws LazuliError what a worker of this catalog alone must not survive */
  async take(): Promise<void> {
    try {
      this.#open = await this.#parts.open();
    } catch (error) {
      this.#noteFailure(error);
    }
  }

  /** Works until stopped. @throws LazuliError what a worker of this catalog alone must not survive */
  async run(): Promise<void> {
    const { clock } = this.#parts;
    while (!this.#stop.signal.aborted) {
      if (this.#open === null && this.#refusal === null) await this.take();
      try {
        await this.#open?.owner.run(this.#open.before);
      } catch (error) {
        await this.close();
        this.#noteFailure(error);
      }
      if (this.#stop.signal.aborted) return;
      const wait = this.#isTaken || this.#refusal !== null ? never : fullJitter(this.#failures, againBackoff);
      await clock.sleep(wait, this.#stop.signal).catch(() => undefined);
    }
  }

  stop(): void {
    this.#stop.abort(new LazuliError('unavailable', `The worker of ${this.#parts.catalog} is stopping`));
    this.#open?.owner.stop();
  }

  /** Lets go of the store. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.store.close();
  }

  /** While it fails, batches are left to be found when it is taken over again: nobody has to wait for that. */
  async load(batches: readonly string[]): Promise<number> {
    if (this.#open === null || this.failure !== null) return 0;
    try {
      return await this.#open.owner.load(batches);
    } catch (error) {
      if (this.#stop.signal.aborted || this.#open !== null) throw error;
      return 0;
    }
  }

  /** What was loaded before a failure is in the store's outbox, which is written when it is taken over again. */
  isWritten(commit: number): boolean {
    return this.#open === null || this.failure !== null || this.#open.owner.isWritten(commit);
  }

  get #then(): string {
    if (this.#refusal !== null) return 'it is refused until this is corrected and the worker started again';
    return this.#isTaken ? 'it was let go of' : 'it failed, and is taken over again';
  }

  #noteFailure(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const { catalog, alone, clock, logger } = this.#parts;
    if (alone && error instanceof LazuliError && error.disposition === 'fatal') throw error;
    this.#isTaken = error instanceof LazuliError && error.code === 'superseded';
    this.#failures++;
    const { reason, ...known } = pauseOf(error, clock.now());
    this.#refusal = isRefusal(error) ? error : null;
    const then = this.#then;
    const since = this.#failure?.since ?? clock.now();
    this.#failure = { ...known, reason: bounded(`${then}: ${reason}`), since };
    logger.error({ err: error, catalog, failures: this.#failures }, 'a catalog failed; the others go on');
  }
}

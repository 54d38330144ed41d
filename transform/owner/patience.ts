import { LazuliError } from '../../core/config/errors.ts';
import { type Backoff, fullJitter } from '../../core/runtime/backoff.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { type Pause, pauseOf } from '../sink/sink.ts';

/** Between attempts at what may succeed later. */
export const attemptBackoff: Backoff = { baseMillis: 50, capMillis: 5_000 };

/** Thrown by work that was given up for something more urgent; it is not an error. */
export class Interrupted extends Error {}

/** Tries work again for as long as it takes, and tells what it waits for. */
export class Patience {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #catalog: string;
  readonly #signal: AbortSignal;
  #pause: Pause | null = null;

  constructor(clock: Clock, logger: Logger, catalog: string, signal: AbortSignal) {
    this.#clock = clock;
    this.#logger = logger;
    this.#catalog = catalog;
    this.#signal = signal;
  }

  /** Why work stands still; null while it goes on. */
  get pause(): Pause | null {
    return this.#pause;
  }

  /** @throws what trying again doesn't mend; the signal's reason when stopped */
  async run(work: () => Promise<void>): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        await work();
        return this.onPause(null);
      } catch (error) {
        if (error instanceof Interrupted) return this.onPause(null);
        if (this.#signal.aborted || !(error instanceof LazuliError)) throw error;
        if (error.disposition !== 'pause' && error.disposition !== 'retry') throw error;
        this.onPause(pauseOf(error, this.#pause?.since ?? this.#clock.now()));
        await this.#clock.sleep(fullJitter(failures, attemptBackoff), this.#signal);
      }
    }
  }

  onPause(pause: Pause | null): void {
    if (pause?.reason !== this.#pause?.reason) {
      if (pause) this.#logger.warn({ catalog: this.#catalog, reason: pause.reason }, 'paused');
      else this.#logger.info({ catalog: this.#catalog }, 'going on');
    }
    this.#pause = pause;
  }
}

import { LazuliError } from '../../core/config/errors.ts';
import { fullJitter } from '../../core/runtime/backoff.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import type { Activity } from '../catalog/activity.ts';
import { attemptBackoff, pauseOf } from '../sink/pause.ts';

/** Thrown by work that was given up for something more urgent; it is not an error. */
export class Interrupted extends Error {}

/** Tries work again for as long as it takes, and notes what it waits for. */
export class Patience {
  readonly #clock: Clock;
  readonly #activity: Activity;
  readonly #signal: AbortSignal;

  constructor(clock: Clock, activity: Activity, signal: AbortSignal) {
    this.#clock = clock;
    this.#activity = activity;
    this.#signal = signal;
  }

  /** @throws what trying again doesn't cure; the signal's reason when stopped */
  async run(work: () => Promise<void>): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        await work();
        return this.#activity.notePause(null);
      } catch (error) {
        if (error instanceof Interrupted) return this.#activity.notePause(null);
        if (this.#signal.aborted || !(error instanceof LazuliError)) throw error;
        if (error.disposition !== 'pause' && error.disposition !== 'retry') throw error;
        this.#activity.notePause(pauseOf(error, this.#activity.pause?.since ?? this.#clock.now()));
        await this.#clock.sleep(fullJitter(failures, attemptBackoff), this.#signal);
      }
    }
  }
}

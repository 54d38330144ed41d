import { LazuliError } from '../config/errors.ts';
import { inTime, whileWanted } from './deadline.ts';
import type { Clock } from './ports.ts';

/** How much work is done at a time, how much may wait for that, and for how long. */
export interface TurnLimits {
  readonly atOnce: number;
  readonly waiting: number;
  readonly waitMillis: number;
}

/** What became of work: it had its turn, or was given up before its end; or met a full queue, or waited too long. */
export type TurnOutcome = 'had' | 'cancelled' | 'refused' | 'expired';

export interface TurnOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly onOutcome?: (outcome: TurnOutcome) => void;
}

/**
 * Has so much work done at a time, first come, first served. More work waits, though not much of it, and not for long. The rest
 * is refused at once, so what is done takes no longer however much is asked for.
 */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #onOutcome: (outcome: TurnOutcome) => void;
  /** Who waits, the first to come first. Each is called when it is its turn, and has the place of who left. */
  readonly #waiting = new Set<() => void>();
  #atOnce = 0;

  constructor(limits: TurnLimits, { clock, onOutcome = () => {} }: TurnOptions) {
    this.#limits = limits;
    this.#clock = clock;
    this.#onOutcome = onOutcome;
  }

  /** How much work is being done and waits. */
  get size(): { readonly atOnce: number; readonly waiting: number } {
    return { atOnce: this.#atOnce, waiting: this.#waiting.size };
  }

  /**
   * Does work when it is its turn. Once nobody wants it any more, its place is the next one's.
   *
   * @param signal aborts when nobody wants it; the work should end by the same one
   * @throws LazuliError `overloaded`; the reason of the signal; what the work throws
   */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(signal);
    try {
      return await whileWanted(signal, work);
    } finally {
      this.#leave();
      this.#onOutcome(signal.aborted ? 'cancelled' : 'had');
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#atOnce < this.#limits.atOnce) this.#atOnce++;
    else if (this.#waiting.size < this.#limits.waiting) await this.#wait(signal);
    else throw this.#refused('refused');
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const late = () => this.#refused('expired');
    this.#waiting.add(turn.resolve);
    try {
      await inTime({ clock: this.#clock, millis: this.#limits.waitMillis, late, signal }, () => turn.promise);
    } catch (error) {
      // Its turn may have come in the same moment.
      if (!this.#waiting.delete(turn.resolve)) this.#leave();
      if (signal.aborted) this.#onOutcome('cancelled');
      throw error;
    }
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#atOnce--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }

  #refused(outcome: TurnOutcome): LazuliError {
    this.#onOutcome(outcome);
    return new LazuliError('overloaded', 'Too much is asked for at the moment.', {
      remedy: 'Try again in a few seconds.',
    });
  }
}

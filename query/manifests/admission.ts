import { LazuliError } from '../../core/config/errors.ts';
import type { Queue } from '../../core/exports/queue.ts';
import type { Clock } from '../../core/runtime/ports.ts';

/** How many jobs may wait or be worked on. */
export interface AdmissionLimits {
  readonly waitingJobs: number;
  /** of one caller */
  readonly callerJobs: number;
}

/** How old what is known of the queue may be. */
const freshMillis = 1_000;

/** Lets jobs into the queue as long as it isn't too long, and nobody takes it all (rule: work is admitted and bounded). */
export class Admission {
  readonly #queue: Pick<Queue, 'all'>;
  readonly #limits: AdmissionLimits;
  readonly #clock: Pick<Clock, 'now'>;
  #known: { readonly at: number; readonly counts: Promise<Map<string, number>> } | undefined;

  constructor(queue: Pick<Queue, 'all'>, limits: AdmissionLimits, clock: Pick<Clock, 'now'>) {
    this.#queue = queue;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Counts one more job of a caller. @throws LazuliError `unavailable` where that would be too many */
  async enter(caller: string): Promise<void> {
    const counts = await this.#counts();
    const own = counts.get(caller) ?? 0;
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (own >= this.#limits.callerJobs) throw full(`${own} exports that you have asked for are not finished`);
    if (all >= this.#limits.waitingJobs) throw full(`${all} exports are not finished`);
    counts.set(caller, own + 1);
  }

  #counts(): Promise<Map<string, number>> {
    const now = this.#clock.now();
    if (this.#known === undefined || Math.abs(now - this.#known.at) >= freshMillis) {
      this.#known = { at: now, counts: this.#count() };
      this.#known.counts.catch(() => {
        this.#known = undefined;
      });
    }
    return this.#known.counts;
  }

  async #count(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const { caller } of await this.#queue.all()) counts.set(caller, (counts.get(caller) ?? 0) + 1);
    return counts;
  }
}

const full = (why: string): LazuliError =>
  new LazuliError('unavailable', `No more exports are taken at the moment: ${why}.`, {
    remedy: 'Try again when some are.',
  });

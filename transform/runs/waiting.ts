import type { CatalogFacts } from '../../core/runs/facts.ts';
import type { Run } from '../../core/runs/run.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { isRested, type Rest, restAfter, rested } from '../../core/runtime/rest.ts';

/** Between two looks at what a run lacks, so many times what one takes. */
const restPerCost = 10;

/**
 * The run whose generation is whole and current, and doesn't serve before an operator says yes, or before what it lacked
 * has come.
 */
export class WaitingRun {
  readonly #clock: Pick<Clock, 'now'>;
  /** batches that were loaded by now */
  readonly #loaded: () => number;
  #run: Run | null = null;
  /** batches that were loaded when it was compared last; null: by another process */
  #compared: number | null = null;
  /** when that was, in milliseconds since the epoch, and how long to rest since */
  #rest: Rest = rested;

  constructor(clock: Pick<Clock, 'now'>, loaded: () => number) {
    this.#clock = clock;
    this.#loaded = loaded;
  }

  get run(): Run | null {
    return this.#run;
  }

  /** @param isCompared whether this process has just found out what it lacks */
  wait(run: Run, isCompared: boolean): void {
    this.#run = run;
    this.#compared = isCompared ? this.#loaded() : null;
  }

  end(): void {
    this.#run = null;
  }

  get unconfirmed(): CatalogFacts['unconfirmed'] {
    return this.#run && { run: this.#run.id, reason: this.#run.failure ?? 'too much would vanish' };
  }

  /** The run, where it may lack less than when it was compared last, and it is time to find out. */
  get due(): Run | null {
    return isRested(this.#rest, this.#clock.now()) && this.#compared !== this.#loaded() ? this.#run : null;
  }

  /** Finds out what it lacks now. */
  async compare<T>(work: () => Promise<T>): Promise<T> {
    const [began, loaded] = [this.#clock.now(), this.#loaded()];
    const found = await work();
    this.#compared = loaded;
    const at = this.#clock.now();
    this.#rest = restAfter(began, at, restPerCost);
    return found;
  }
}

import type { Random } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/ports.ts';
import { type Rest, rested, restLeft } from '../runtime/rest.ts';

/** Waits by so much of itself more or less, so that processes that were throttled together don't ask together again. */
const spread = 0.1;
/** The longest break between two reads of a shard that is read by very many. */
const capMillis = 5_000;

/** How often a shard may be asked. */
export interface Pace {
  readonly clock: Clock;
  readonly random: Random;
  /** between two requests while nobody objects */
  readonly pollMillis: number;
}

/**
 * Lets requests about one shard through one at a time, in the order in which they came, and with breaks between them that
 * double when the service throttles, and shrink again slowly. So processes that read the same shard come to share it.
 */
export class Turns {
  readonly #pace: Pace;
  #breakMillis: number;
  #rest: Rest = rested;
  #last: Promise<unknown> = Promise.resolve();

  constructor(pace: Pace) {
    this.#pace = pace;
    this.#breakMillis = pace.pollMillis;
  }

  /** @throws what the work throws; the signal's reason */
  take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#last.then(() => this.#taken(work, signal));
    this.#last = turn.catch(() => {});
    return turn;
  }

  throttled(): void {
    this.#breakMillis = Math.min(capMillis, this.#breakMillis * 2);
  }

  answered(): void {
    this.#breakMillis = Math.max(this.#pace.pollMillis, this.#breakMillis * 0.9);
  }

  async #taken<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { clock } = this.#pace;
    signal.throwIfAborted();
    const left = restLeft(this.#rest, clock.now());
    if (left > 0) await clock.sleep(left, signal);
    this.#rest = { since: clock.now(), millis: this.#millis() };
    return work();
  }

  /** No shorter than what is allowed: only longer breaks are spread. */
  #millis(): number {
    const { pollMillis, random } = this.#pace;
    if (this.#breakMillis === pollMillis) return pollMillis;
    return Math.max(pollMillis, this.#breakMillis * (1 - spread + 2 * spread * random()));
  }
}

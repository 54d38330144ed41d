import { type Backoff, fullJitter, type Random } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/ports.ts';

/**
 * What an error says about trying again: `patient`: until it works, however long; `bounded`: a few
 * times; `fatal`: never.
 */
export type Verdict = 'patient' | 'bounded' | 'fatal';

/** Attempts that failed in a row; `since` in milliseconds since the epoch. */
export interface Failure {
  readonly error: unknown;
  readonly attempts: number;
  readonly since: number;
}

/** How to persist: the same for everything that a consumer does. */
export interface Persistence {
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff: Backoff;
  /** attempts at something that fails with `bounded` errors */
  readonly maxAttempts: number;
}

/**
 * Tries again, after a back-off, as long as the verdict on the error allows.
 *
 * @throws the last error, or the signal's reason
 */
export async function persist<T>(
  attempt: () => Promise<T>,
  { clock, random, backoff, maxAttempts }: Persistence,
  watch: {
    readonly verdict: (error: unknown) => Verdict;
    readonly onFailure: (failure: Failure) => void;
    readonly signal: AbortSignal;
  },
): Promise<T> {
  let since = 0;
  let bounded = 0;
  for (let attempts = 1; ; attempts++) {
    watch.signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const verdict = watch.verdict(error);
      if (verdict === 'fatal') throw error;
      if (watch.signal.aborted) throw watch.signal.reason;
      if (verdict === 'bounded' && ++bounded >= maxAttempts) throw error;
      since ||= clock.now();
      watch.onFailure({ error, attempts, since });
      await clock.sleep(fullJitter(attempts, backoff, random), watch.signal);
    }
  }
}

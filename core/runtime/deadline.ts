import type { Clock } from './ports.ts';

/** By when work has to end. */
export interface Deadline {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly millis: number;
  /** the error where it is too late */
  readonly late: () => Error;
  /** ends it before */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for work as long as somebody wants it. Work that is waited for no longer should end by the same signal.
 *
 * @throws what the work throws, or the reason of the signal
 */
export async function whileWanted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const unwanted = Promise.withResolvers<never>();
  const leave = () => unwanted.reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work(), unwanted.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/**
 * Waits for work, but not for longer than it may take. The signal of the work aborts when nobody waits any more:
 * the work should then end what it has begun.
 *
 * @throws what the work throws, the error of being late, or the reason of the deadline's own signal
 */
export async function inTime<T>(
  { clock, millis, late, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [told, done] = [new AbortController(), new AbortController()];
  const awake = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]);
  const expired = clock
    .sleep(millis, awake)
    .then(() => Promise.reject(late()))
    .catch((error: unknown) => {
      told.abort(error);
      throw error;
    });
  // Where the work has ended, nobody wants to know.
  expired.catch(() => {});
  try {
    return await Promise.race([work(told.signal), expired]);
  } finally {
    done.abort(new Error('It has ended.'));
  }
}

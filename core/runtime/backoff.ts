/** How long to wait between attempts: the ceiling doubles from `baseMillis` up to `capMillis`. */
export interface Backoff {
  readonly baseMillis: number;
  readonly capMillis: number;
}

/** A number in [0, 1), like `Math.random`. */
export type Random = () => number;

/**
 * Exponential back-off with full jitter: anything between nothing and the ceiling, so that those who
 * failed together don't come back together.
 *
 * @param failures how many attempts have failed in a row, 1 or more
 * @returns milliseconds
 */
export function fullJitter(failures: number, { baseMillis, capMillis }: Backoff, random: Random = Math.random): number {
  return random() * Math.min(capMillis, baseMillis * 2 ** (failures - 1));
}

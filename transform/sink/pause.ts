import { type ErrorCode, LazuliError } from '../../core/config/errors.ts';
import type { Backoff } from '../../core/runtime/backoff.ts';

/** Why work stands still at the moment, and since when (milliseconds since the epoch). */
export interface Pause {
  /** of the error catalogue, or what no one foresaw */
  readonly code: ErrorCode | 'unexpected';
  readonly reason: string;
  /** what a person does about it, where that is known */
  readonly remedy?: string;
  readonly since: number;
}

/** Why an error has work stand still. */
export const pauseOf = (error: unknown, since: number): Pause => ({
  code: error instanceof LazuliError ? error.code : 'unexpected',
  reason: error instanceof Error ? error.message : String(error),
  ...(error instanceof LazuliError && error.remedy !== undefined ? { remedy: error.remedy } : {}),
  since,
});

/** Between attempts at what may succeed later. */
export const attemptBackoff: Backoff = { baseMillis: 50, capMillis: 5_000 };

import { type ErrorCode, LazuliError } from '../../core/config/errors.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { inTime } from '../../core/runtime/deadline.ts';

/** Who takes longer, a provider or a repository, is taken for unreachable (specification, service-api 1.5). */
export const upstreamMillis = 5_000;
export const upstreamLate = () => new Error(`No answer within ${upstreamMillis} ms`);

/** What a repository may tell a caller; any other error of it is its own affair. */
const forCallers: ReadonlySet<ErrorCode> = new Set([
  ...(['unauthorized', 'forbidden', 'too_many_requests', 'repository_inconsistent', 'download_failed'] as const),
]);

/**
 * What a repository answers a request of a caller.
 *
 * @param what it is asked, for people
 * @throws LazuliError `unauthorized`, `forbidden`, `too_many_requests`, `repository_inconsistent` or `download_failed` as it says, `unavailable` where it takes
 *   too long or throws anything else
 */
export async function fromRepository<T>(what: string, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await inTime({ clock: systemClock, millis: upstreamMillis, late: upstreamLate }, ask);
  } catch (cause) {
    if (cause instanceof LazuliError && forCallers.has(cause.code)) throw cause;
    throw new LazuliError('unavailable', `The repository can't tell ${what}.`, {
      remedy: 'Try again in a few seconds.',
      cause,
    });
  }
}

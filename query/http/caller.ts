import { type ErrorCode, LazuliError } from '../../core/config/errors.ts';
import type { Context } from '../../core/http/state.ts';
import type { Authentication, Identity } from '../../core/model/authentication.ts';
import type { Repository } from '../../core/model/repository.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { inTime } from '../../core/runtime/deadline.ts';
import type { AccessibleSources } from '../access.ts';

/** Finds out who calls; see the contract of authentication plug-ins. */
export type Identify = Authentication['identify'];

/** Who takes longer, a provider or a repository, is taken for unreachable (specification, service-api 1.5). */
const upstreamMillis = 5_000;
const late = () => new Error(`No answer within ${upstreamMillis} ms`);

/** What a repository may tell a caller; any other error of it is its own affair. */
const forCallers: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'too_many_requests', 'repository_inconsistent']);

/**
 * The sources that the caller may see. Fails closed: where nobody can tell, the request fails.
 *
 * @throws LazuliError `unauthorized`, `unavailable`
 */
export async function callerSources(
  ctx: Context,
  identify: Identify,
  repository: Repository,
): Promise<AccessibleSources> {
  return sourcesOf(await identityOf(ctx, identify), repository);
}

/** Who calls. @throws LazuliError `unauthorized`, `unavailable`; the reason of its signal where the caller has left */
export async function identityOf(ctx: Context, identify: Identify): Promise<Identity> {
  const { signal: left } = ctx.state;
  const deadline = { clock: systemClock, millis: upstreamMillis, late, signal: left };
  try {
    return await inTime(deadline, async (signal) => identify(ctx.headers.authorization, signal));
  } catch (cause) {
    left.throwIfAborted();
    throw unidentified(cause);
  }
}

/** The sources that somebody may see. @throws LazuliError as `fromRepository` */
export function sourcesOf(identity: Identity, repository: Repository): Promise<AccessibleSources> {
  return fromRepository('which sources the caller may see', (signal) => repository.accessibleSources(identity, signal));
}

/** Where it was asked from: the last proxy in front has added that. */
export function addressOf(ctx: Context): string {
  const forwarded = ctx.get('X-Forwarded-For').split(',').at(-1)?.trim() ?? '';
  return forwarded === '' ? ctx.ip : forwarded.slice(0, 64);
}

/** An unforeseen error of an authentication plug-in is its own fault, not the caller's. */
function unidentified(cause: unknown): LazuliError {
  if (cause instanceof LazuliError && cause.disposition !== 'fatal') return cause;
  return new LazuliError('unavailable', 'The service can not tell who calls.', {
    remedy: 'Try again in a few seconds, or leave out the Authorization header.',
    cause,
  });
}

/**
 * What a repository answers a request of a caller.
 *
 * @param what it is asked, for people
 * @throws LazuliError `unauthorized`, `too_many_requests` or `repository_inconsistent` as it says, `unavailable` where it takes
 *   too long or throws anything else
 */
export async function fromRepository<T>(what: string, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await inTime({ clock: systemClock, millis: upstreamMillis, late }, ask);
  } catch (cause) {
    if (cause instanceof LazuliError && forCallers.has(cause.code)) throw cause;
    throw new LazuliError('unavailable', `The repository can't tell ${what}.`, {
      remedy: 'Try again in a few seconds.',
      cause,
    });
  }
}

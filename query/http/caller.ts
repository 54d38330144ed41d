import { LazuliError } from '../../core/config/errors.ts';
import type { Context } from '../../core/http/state.ts';
import type { Authentication, Identity } from '../../core/model/authentication.ts';
import type { Repository } from '../../core/model/repository.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { inTime } from '../../core/runtime/deadline.ts';
import type { AccessibleSources } from '../access.ts';

/** Finds out who calls; see the contract of authentication plug-ins. */
export type Identify = Authentication['identify'];

/** A repository that takes longer is taken for unreachable (specification, service-api 1.5). */
const repositoryMillis = 5_000;

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

/** Who calls. @throws LazuliError `unauthorized`, `unavailable` */
export function identityOf(ctx: Context, identify: Identify): Promise<Identity> {
  return identify(ctx.headers.authorization).catch(unidentified);
}

/** The sources that somebody may see. @throws LazuliError `unavailable` */
export function sourcesOf(identity: Identity, repository: Repository): Promise<AccessibleSources> {
  return fromRepository('which sources the caller may see', (signal) => repository.accessibleSources(identity, signal));
}

/** Where it was asked from: the last proxy in front has added that. */
export function addressOf(ctx: Context): string {
  const forwarded = ctx.get('X-Forwarded-For').split(',').at(-1)?.trim() ?? '';
  return forwarded === '' ? ctx.ip : forwarded.slice(0, 64);
}

/** An unforeseen error of an authentication plug-in is its own fault, not the caller's. */
function unidentified(cause: unknown): Identity {
  if (cause instanceof LazuliError && cause.disposition !== 'fatal') throw cause;
  throw new LazuliError('unavailable', 'The service can not tell who calls.', {
    remedy: 'Try again in a few seconds, or leave out the Authorization header.',
    cause,
  });
}

/**
 * What a repository answers a request of a caller.
 *
 * @param what it is asked, for people
 * @throws LazuliError `unavailable` where it takes too long or throws anything
 */
export async function fromRepository<T>(what: string, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = () => new Error(`No answer within ${repositoryMillis} ms`);
  try {
    return await inTime({ clock: systemClock, millis: repositoryMillis, late }, ask);
  } catch (cause) {
    throw new LazuliError('unavailable', `The repository can't tell ${what}.`, {
      remedy: 'Try again in a few seconds.',
      cause,
    });
  }
}

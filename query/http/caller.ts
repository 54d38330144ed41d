import { LazuliError } from '../../core/config/errors.ts';
import type { SignIn } from '../../core/config/sign-in.ts';
import type { AskSignIn } from '../../core/http/documentation/sign-in.ts';
import type { Context } from '../../core/http/state.ts';
import type { Authentication, Identity } from '../../core/model/authentication.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { inTime } from '../../core/runtime/deadline.ts';
import type { AccessibleSources } from '../access.ts';
import type { Catalog } from '../catalogs.ts';
import { upstreamLate, upstreamMillis } from './from-repository.ts';

/** Finds out who calls; see the contract of authentication plug-ins. */
export type Identify = Authentication['identify'];

/**
 * The sources that the caller may see. Fails closed: where nobody can tell, the request fails.
 *
 * @throws LazuliError as `identityOf` and `fromRepository`
 */
export async function callerSources(
  ctx: Context,
  identify: Identify,
  { callers }: Pick<Catalog, 'callers'>,
): Promise<AccessibleSources> {
  return callers.of(await identityOf(ctx, identify));
}

/** Who calls. @throws LazuliError `unauthorized`, `unavailable`; the reason of its signal where the caller has left */
export async function identityOf(ctx: Context, identify: Identify): Promise<Identity> {
  const { signal: left } = ctx.state;
  const deadline = { clock: systemClock, millis: upstreamMillis, late: upstreamLate, signal: left };
  try {
    return await inTime(deadline, async (signal) => identify(ctx.headers.authorization, signal));
  } catch (cause) {
    left.throwIfAborted();
    throw unidentified(cause);
  }
}

/** Finds out how people sign in. @returns what throws LazuliError `unavailable` where nobody can tell at the moment */
export function askSignIn(signIn: (signal: AbortSignal) => Promise<SignIn>): AskSignIn {
  return async () => {
    try {
      return await inTime({ clock: systemClock, millis: upstreamMillis, late: upstreamLate }, signIn);
    } catch (cause) {
      throw new LazuliError('unavailable', 'The service can not tell how people sign in.', {
        remedy: 'Try again in a few seconds.',
        cause,
      });
    }
  };
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

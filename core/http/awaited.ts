import { LazuliError } from '../config/errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { inTime, whileWanted } from '../runtime/deadline.ts';
import type { Context, Next } from './state.ts';

/** The status of a request whose caller has left, in logs and metrics: nobody sees it. */
const callerLeft = 499;

/**
 * Tells work when nobody waits for its answer any more.
 *
 * @param millis that answers may take, from when their requests came up to when they are sent; absent: as long as callers wait
 */
export function awaited(millis: number | undefined) {
  const late = () =>
    new LazuliError('unavailable', `There is no answer within ${Number(millis) / 1000} seconds.`, {
      remedy: 'Try again in a few seconds.',
    });
  return async (ctx: Context, next: Next): Promise<void> => {
    const left = new AbortController();
    ctx.res.once('close', () => {
      if (!ctx.headerSent) ctx.status = callerLeft;
      left.abort(new Error('The caller has hung up.'));
    });
    const work = async (signal: AbortSignal) => {
      ctx.state.signal = signal;
      await next();
    };
    if (millis === undefined) await whileWanted(left.signal, () => work(left.signal));
    else await inTime({ clock: systemClock, millis, late, signal: left.signal }, work);
  };
}

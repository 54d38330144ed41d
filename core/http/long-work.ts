import type { Context, Next } from './state.ts';

/**
 * For work that takes its turn, and then goes through a whole index: how long who asked waits for the answer. Node's
 * `fetch` waits five minutes. Milliseconds.
 */
export const longWorkMillis = 290_000;

/** For routes that do such work: the connection isn't taken for an idle one meanwhile. */
export function duringLongWork(ctx: Context, next: Next): Promise<unknown> {
  ctx.req.socket.setTimeout(longWorkMillis);
  return next();
}

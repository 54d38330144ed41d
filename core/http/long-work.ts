import type { Context } from './state.ts';

/**
 * For work that takes its turn, and then goes through a whole index: how long who asked waits for the answer. Node's
 * `fetch` waits five minutes. Milliseconds.
 */
export const longWorkMillis = 290_000;

/** Where a request asks for such work: the connection isn't taken for an idle one meanwhile. */
export function expectLongWork(ctx: Context): void {
  ctx.req.socket.setTimeout(longWorkMillis);
}

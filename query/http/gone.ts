import type { Context } from '../../core/http/state.ts';

/** Aborts when the caller hangs up, as long as it isn't disposed of. */
export function gone(ctx: Context): Disposable & { readonly signal: AbortSignal } {
  const left = new AbortController();
  const leave = () => left.abort(new Error('The caller has hung up.'));
  ctx.res.once('close', leave);
  return { signal: left.signal, [Symbol.dispose]: () => ctx.res.off('close', leave) };
}

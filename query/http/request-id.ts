import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Context, Next } from './state.ts';

const acceptable = /^[\w.-]{1,64}$/;

/** Gives every request an id, the caller's own where there is one, and a logger that says it. */
export function requestId(logger: Logger) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const given = ctx.get('X-Request-Id');
    ctx.state.requestId = acceptable.test(given) ? given : randomUUID();
    ctx.state.log = logger.child({ request: ctx.state.requestId });
    ctx.set('X-Request-Id', ctx.state.requestId);
    await next();
  };
}

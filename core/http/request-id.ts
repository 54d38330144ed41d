import { randomUUID } from 'node:crypto';
import type { Logger } from '../runtime/logger.ts';
import type { Context, Next, RequestState } from './state.ts';

const acceptable = /^[\w.:-]{1,128}$/;

/** Gives every request an id, the caller's own where it sent a sane one, and a logger that says it. */
export function requestId(logger: Logger) {
  return async (ctx: Context, next: Next): Promise<void> => {
    identify(ctx, logger);
    ctx.set('X-Request-Id', ctx.state.requestId);
    await next();
  };
}

/** The same for a request of which that may have been done. */
export function identify(ctx: Context, logger: Logger): void {
  const known: Partial<RequestState> = ctx.state;
  if (known.requestId !== undefined) return;
  const given = ctx.get('X-Request-Id');
  ctx.state.requestId = acceptable.test(given) ? given : randomUUID();
  ctx.state.log = about(ctx.state.requestId, logger);
}

function about(request: string, logger: Logger): Logger {
  return {
    info: (fields, message) => logger.info({ request, ...fields }, message),
    warn: (fields, message) => logger.warn({ request, ...fields }, message),
    error: (fields, message) => logger.error({ request, ...fields }, message),
  };
}

import { randomUUID } from 'node:crypto';
import type { Logger } from '../streams/logger.ts';
import type { Context, Next } from './state.ts';

const acceptable = /^[\w.:-]{1,128}$/;

/** Gives every request an id, the caller's own where it sent a sane one, and a logger that says it. */
export function requestId(logger: Logger) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const given = ctx.get('X-Request-Id');
    const id = acceptable.test(given) ? given : randomUUID();
    ctx.state.requestId = id;
    ctx.state.log = about(id, logger);
    ctx.set('X-Request-Id', id);
    await next();
  };
}

function about(request: string, logger: Logger): Logger {
  return {
    info: (fields, message) => logger.info({ request, ...fields }, message),
    warn: (fields, message) => logger.warn({ request, ...fields }, message),
    error: (fields, message) => logger.error({ request, ...fields }, message),
  };
}

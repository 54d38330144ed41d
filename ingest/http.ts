import { randomUUID } from 'node:crypto';
import type { Context, Middleware, Next } from 'koa';
import { errors, LazuliError } from '../config/errors.ts';
import type { Logger } from '../streams/logger.ts';

/** Specification, service API 1.3 */
const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'self'",
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains; preload',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-XSS-Protection': '1; mode=block',
  'Cache-Control': 'no-store',
};

const requestIdPattern = /^[\w.:-]{1,128}$/;

/** Headers of every response, a request id (the caller's, if it sent a sane one), and one line of log. */
export function requestLog(logger: Logger, now: () => number): Middleware {
  return async (ctx, next) => {
    const started = now();
    const given = ctx.get('X-Request-Id');
    const id = requestIdPattern.test(given) ? given : randomUUID();
    ctx.state.requestId = id;
    ctx.set({ ...securityHeaders, 'X-Request-Id': id });
    await next();
    const { method, path, status } = ctx;
    logger.info({ request: id, method, path, status, millis: now() - started }, 'request');
  };
}

const retryAfterSeconds = 5;

/** Turns what was thrown, and what nobody answered, into `{"Code", "Message"}` (service API 1.2). */
export function errorBodies(logger: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      refuseUnanswered(ctx);
    } catch (error) {
      answerError(ctx, error, logger);
    }
  };
}

/** The router leaves the status of what it doesn't know, and no body. */
function refuseUnanswered(ctx: Context): void {
  if (ctx.status === 404 && ctx.body == null) throw new LazuliError('not_found', `There is nothing at ${ctx.path}`);
  if (ctx.status === 405 || ctx.status === 501) {
    throw new LazuliError('method_not_allowed', `Unsupported method: ${ctx.method}`);
  }
}

function answerError(ctx: Context, error: unknown, logger: Logger): void {
  const fields = { request: ctx.state.requestId, err: error };
  if (!(error instanceof LazuliError)) {
    logger.error(fields, 'unexpected error');
    answer(ctx, 500, 'InternalServerError', 'An internal server error occurred.');
    return;
  }
  if (error.status >= 500) logger.error(fields, 'request failed');
  else if (error.cause !== undefined) logger.warn({ request: fields.request, why: String(error.cause) }, 'refused');
  if (error.status === 503) ctx.set('Retry-After', String(retryAfterSeconds));
  if (error.status === 413) ctx.set('Connection', 'close');
  answer(ctx, error.status, errors[error.code].title, error.message);
}

function answer(ctx: Context, status: number, code: string, message: string): void {
  ctx.status = status;
  ctx.body = { Code: code, Message: message };
}

/**
 * Reads the raw body.
 *
 * @throws LazuliError `payload_too_large`, or `bad_request` when the caller hangs up half-way
 */
export async function readBody(ctx: Context, maxBytes: number): Promise<Buffer> {
  if (Number(ctx.get('Content-Length')) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof LazuliError) throw cause;
    throw new LazuliError('bad_request', 'The request ended before its body did', { cause });
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(maxBytes: number): LazuliError {
  return new LazuliError('payload_too_large', `The body is larger than ${maxBytes} bytes`);
}

/** Refuses URLs longer than the limit before anything looks at them. */
export function limitUrl(maxBytes: number): Middleware {
  return async (ctx: Context, next: Next) => {
    if (Buffer.byteLength(ctx.url) > maxBytes) {
      throw new LazuliError('payload_too_large', `The URL is longer than ${maxBytes} bytes`);
    }
    await next();
  };
}

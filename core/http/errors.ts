import type Koa from 'koa';
import { z } from 'zod';
import { type ErrorCode, errors, LazuliError } from '../config/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { endLingering } from './lingering.ts';
import { identify } from './request-id.ts';
import type { Context, Next, RequestState } from './state.ts';

/** Body of every error (specification, service-api 1.2). */
export const errorBody = z.strictObject({
  Code: z.string().meta({ description: 'Tells programs what went wrong.' }),
  Message: z.string().meta({ description: 'Tells people what was wrong, and what to do about it.' }),
});
export type ErrorBody = Readonly<z.output<typeof errorBody>>;

/** What is the application's own in the answers to mistakes. */
export interface ErrorOptions {
  /** how callers can authorize: `WWW-Authenticate` of a 401 (RFC 9110, 11.6.1) */
  readonly challenge?: string;
  /** what to do about a path that no route has */
  readonly unknownPathRemedy?: string;
}

/** Seconds after which a caller may try again. */
const retryAfterSeconds = 5;

/** What an answer to a mistake keeps of the headers that were set before. */
const kept = /^(allow|access-control-.*)$/;

/**
 * Answers whatever is thrown as the specification has it (service-api 1.2): by a route, by any middleware, or by Koa while it
 * sends. Koa brings everything here that nobody caught, so it takes no middleware that would have to be the outermost one.
 *
 * @param headers of every answer
 */
export function answerErrors(
  app: Koa<RequestState>,
  headers: Readonly<Record<string, string>>,
  { challenge, logger }: Pick<ErrorOptions, 'challenge'> & { readonly logger: Logger },
): void {
  // Koa reports how a body that is a stream ended only to those who listen.
  app.on('error', () => {});
  app.context.onerror = function onerror(this: Context, thrown: unknown): void {
    // Koa also calls this at the end of every answer.
    if (thrown == null && (this.res.writableEnded || !this.writable)) return;
    identify(this, logger);
    if (this.headerSent || !this.writable) cutOff(this, thrown);
    else {
      resetHeaders(this, headers);
      answerError(this, thrown, challenge);
    }
  };
}

function resetHeaders(ctx: Context, headers: Readonly<Record<string, string>>): void {
  for (const name of ctx.res.getHeaderNames()) if (!kept.test(name)) ctx.res.removeHeader(name);
  ctx.set({ ...headers, 'X-Request-Id': ctx.state.requestId });
}

/** An incomplete answer must not look complete. That a caller has left is no fault. */
function cutOff(ctx: Context, thrown: unknown): void {
  if (ctx.headerSent) ctx.state.log.error({ err: thrown }, 'answer not sent');
  else ctx.state.log.info({ why: String(thrown) }, 'nobody waits for the answer any more');
  ctx.res.destroy();
}

/** Has the answer made for what no route answered. @param remedy for a path that no route has */
export function refuseUnrouted(remedy: string | undefined) {
  return async (ctx: Context, next: Next): Promise<void> => {
    await next();
    if (ctx.body === undefined || ctx.body === null) refuseStatus(ctx, remedy);
  };
}

/** A path without a route, or a method that its route lacks: the router only sets the status and Allow. */
function refuseStatus(ctx: Context, remedy: string | undefined): void {
  const methods = ctx.response.get('Allow') ?? '';
  // An unknown method says nothing about the path.
  if (ctx.status === 404 || (ctx.status === 501 && methods === '')) {
    const message = `There is nothing at ${ctx.path.slice(0, 200)}`;
    throw new LazuliError('not_found', message, remedy === undefined ? {} : { remedy });
  }
  if (ctx.status === 405 || ctx.status === 501) {
    throw new LazuliError('method_not_allowed', `Unsupported method: ${ctx.method}`, {
      remedy: `Use ${methods}.`,
    });
  }
}

function answerError(ctx: Context, thrown: unknown, challenge: string | undefined): void {
  const { status, body } = errorAnswer(thrown);
  logError(ctx, status, thrown);
  const text = JSON.stringify(body);
  ctx.status = status;
  ctx.set({ 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': String(Buffer.byteLength(text)) });
  if (status === 401 && challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
  if (status === 503 || status === 429) ctx.set('Retry-After', String(retryAfterSeconds));
  const shown = ctx.method === 'HEAD' ? '' : text;
  const isUnread = status === 413 || (status === 503 && !ctx.req.complete);
  if (isUnread) endLingering(ctx, shown);
  else ctx.res.end(shown);
}

function logError({ state: { log } }: Context, status: number, thrown: unknown): void {
  // There may be very many, and the access log has them.
  if (thrown instanceof LazuliError && thrown.code === 'overloaded') return;
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  if (status >= 500) log.error({ err: thrown }, 'failed');
  else if (cause !== undefined) log.warn({ why: String(cause) }, 'refused');
}

/** What callers learn: their own mistakes in full, ours not at all. */
function errorAnswer(error: unknown): { status: number; body: ErrorBody } {
  if (!(error instanceof LazuliError) || isOurs(error)) {
    return { status: 500, body: { Code: 'InternalServerError', Message: 'An internal server error occurred.' } };
  }
  const Code = error.status === 503 ? errors.unavailable.title : errors[error.code].title;
  return { status: error.status, body: { Code, Message: messageOf(error) } };
}

/** Of what is our fault, callers learn that a manifest could not be made, or a file or a source not be found out, and why. */
const told: ReadonlySet<ErrorCode> = new Set(['manifest_failed', 'download_failed', 'repository_inconsistent']);

/** Whether callers can do nothing about it. */
const isOurs = ({ status, code }: LazuliError): boolean => status >= 500 && status !== 503 && !told.has(code);

/** Two sentences where there is a remedy. */
function messageOf({ message, remedy }: LazuliError): string {
  if (remedy === undefined) return message;
  return /[.!?]$/.test(message) ? `${message} ${remedy}` : `${message}. ${remedy}`;
}

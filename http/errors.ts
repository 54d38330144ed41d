import { z } from 'zod';
import { errors, LazuliError } from '../config/errors.ts';
import type { Context, Next } from './state.ts';

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

/** Turns what was thrown, and what no route answered, into error bodies. */
export function errorBodies({ challenge, unknownPathRemedy }: ErrorOptions) {
  return async (ctx: Context, next: Next): Promise<void> => {
    try {
      await next();
      refuseUnrouted(ctx, unknownPathRemedy);
    } catch (error) {
      answerError(ctx, error);
      if (ctx.status === 401 && challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
    }
  };
}

/** A path that no route has, or a method that its route hasn't: the router sets the status and Allow only. */
function refuseUnrouted(ctx: Context, remedy: string | undefined): void {
  if (ctx.body !== undefined && ctx.body !== null) return;
  const methods = ctx.response.get('Allow') ?? '';
  // That nobody knows the method says nothing of the path.
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

function answerError(ctx: Context, error: unknown): void {
  const { status, body } = errorAnswer(error);
  logError(ctx, status, error);
  ctx.status = status;
  ctx.body = body;
  if (status === 503) ctx.set('Retry-After', String(retryAfterSeconds));
  // What is left of the request is not read.
  if (status === 413) ctx.set('Connection', 'close');
}

function logError({ state: { log } }: Context, status: number, error: unknown): void {
  const { cause } = error as Error;
  if (status >= 500) log.error({ err: error }, 'failed');
  else if (cause !== undefined) log.warn({ why: String(cause) }, 'refused');
}

/** What callers are told: their own mistakes in full, ours not at all. */
function errorAnswer(error: unknown): { status: number; body: ErrorBody } {
  if (!(error instanceof LazuliError) || (error.status >= 500 && error.status !== 503)) {
    return { status: 500, body: { Code: 'InternalServerError', Message: 'An internal server error occurred.' } };
  }
  const Code = error.status === 503 ? errors.unavailable.title : errors[error.code].title;
  return { status: error.status, body: { Code, Message: messageOf(error) } };
}

/** Two sentences where there is a remedy. */
function messageOf({ message, remedy }: LazuliError): string {
  if (remedy === undefined) return message;
  return /[.!?]$/.test(message) ? `${message} ${remedy}` : `${message}. ${remedy}`;
}

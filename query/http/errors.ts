import { errors, LazuliError } from '../../config/errors.ts';
import type { Context, Next } from './state.ts';

/** Body of every error (specification, service-api 1.2). */
export interface ErrorBody {
  readonly Code: string;
  readonly Message: string;
}

/** Seconds after which a caller may try again. */
const retryAfterSeconds = 5;

/** Turns what was thrown, and what no route answered, into error bodies. */
export async function errorBodies(ctx: Context, next: Next): Promise<void> {
  try {
    await next();
    refuseUnrouted(ctx);
  } catch (error) {
    answerError(ctx, error);
  }
}

/** A path that no route has, or a method that its route hasn't: the router sets the status only. */
function refuseUnrouted(ctx: Context): void {
  if (ctx.body !== undefined && ctx.body !== null) return;
  if (ctx.status === 404) {
    throw new LazuliError('not_found', `There is nothing at ${ctx.path.slice(0, 200)}.`, {
      remedy: 'The list of catalogs and entity types is at /index/catalogs.',
    });
  }
  if (ctx.status === 405 || ctx.status === 501) {
    throw new LazuliError('method_not_allowed', `Unsupported method: ${ctx.method}.`, {
      remedy: `Use ${ctx.response.get('Allow') || 'another'}.`,
    });
  }
}

function answerError(ctx: Context, error: unknown): void {
  const { status, body } = errorAnswer(error);
  if (status >= 500) ctx.state.log.error({ err: error }, 'failed');
  ctx.status = status;
  ctx.body = body;
  if (status === 503) ctx.set('Retry-After', String(retryAfterSeconds));
  if (status === 401) ctx.set('WWW-Authenticate', 'Bearer');
}

/** What callers are told: their own mistakes in full, ours not at all. */
function errorAnswer(error: unknown): { status: number; body: ErrorBody } {
  if (!(error instanceof LazuliError) || (error.status >= 500 && error.status !== 503)) {
    return { status: 500, body: { Code: 'InternalServerError', Message: 'An internal server error occurred.' } };
  }
  const Code = error.status === 503 ? errors.unavailable.title : errors[error.code].title;
  const Message = error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
  return { status: error.status, body: { Code, Message } };
}

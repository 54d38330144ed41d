import { joined, release } from './bytes.ts';
import { Printed } from './printed.ts';
import type { Context, Next } from './state.ts';

/** Writes bodies that are values as JSON, once: Koa would do so again for every question after their length. */
export async function jsonBody(ctx: Context, next: Next): Promise<void> {
  await next();
  const { body } = ctx as { body: unknown };
  if (!isValue(body)) return;
  if (!ctx.response.get('Content-Type')) ctx.type = 'json';
  ctx.body = body instanceof Printed ? joinedBody(ctx, body) : Buffer.from(JSON.stringify(body));
}

/** Its memory is given back as soon as it is sent. */
function joinedBody(ctx: Context, { parts }: Printed<unknown>): Buffer {
  const bytes = joined(parts);
  ctx.res.once('finish', () => release(bytes));
  return bytes;
}

/** Not bytes, nor a stream of them. */
const isValue = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  !Buffer.isBuffer(body) &&
  !('pipe' in body) &&
  !(body instanceof ReadableStream);

import { createHash } from 'node:crypto';
import type { Context, Next } from './state.ts';

/**
 * Gives an entity tag to every answer that may be stored, and answers 304 to who has it already
 * (RFC 9110, 13.1.2). Tags are weak, as the same content is sent compressed or not.
 */
export async function conditional(ctx: Context, next: Next): Promise<void> {
  await next();
  if (ctx.status !== 200 || String(ctx.response.get('Cache-Control')).includes('no-store')) return;
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return;
  if (!ctx.response.get('ETag')) tag(ctx);
  if (!has(ctx)) return;
  ctx.status = 304;
  ctx.body = null;
}

/**
 * Whether the caller has the answer already. Scripts of browsers send `Cache-Control: no-cache` with conditions of
 * their own: that is for caches on the way, not for us.
 */
function has(ctx: Context): boolean {
  const known = ctx.get('If-None-Match');
  if (known === '') return ctx.fresh;
  const tags: readonly string[] = known.match(/"[^"]*"/g) ?? [];
  return known.trim() === '*' || tags.includes(opaque(ctx.response.get('ETag')));
}

/** Tags are compared weakly (RFC 9110, 8.8.3.2). */
const opaque = (tag: string | undefined): string => (tag ?? '').replace(/^W\//, '');

/** Bodies that are sent again and again, such as files in memory, are hashed once. */
const tags = new WeakMap<object, string>();

/** Streams have none, unless their route gave one. */
function tag(ctx: Context): void {
  const { body } = ctx as { body: unknown };
  if (typeof body === 'string') ctx.set('ETag', tagOf(body));
  else if (isPlain(body)) ctx.set('ETag', remembered(body));
}

function remembered(body: object): string {
  const known = tags.get(body);
  if (known !== undefined) return known;
  const made = tagOf(Buffer.isBuffer(body) ? body : JSON.stringify(body));
  tags.set(body, made);
  return made;
}

const isPlain = (body: unknown): body is object =>
  Buffer.isBuffer(body) ||
  (typeof body === 'object' && body !== null && !('pipe' in body) && !(body instanceof ReadableStream));

const tagOf = (content: string | Buffer): string => `W/"${createHash('sha256').update(content).digest('base64url')}"`;

import type { Context, Next } from './state.ts';

/** Specification, service-api 1.3 */
export const security = {
  'Content-Security-Policy': "default-src 'self'",
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains; preload',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-XSS-Protection': '1; mode=block',
};

/**
 * Specification, service-api 1.4. Browsers may call from any page: answers depend on a bearer token
 * at most, never on cookies.
 */
export const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key,X-Request-Id',
  'Access-Control-Expose-Headers': 'Retry-After,X-Request-Id',
};

/** Headers of every answer, errors too; a route may set another Cache-Control. */
export async function securityHeaders(ctx: Context, next: Next): Promise<void> {
  ctx.set({ ...security, 'Cache-Control': 'no-store' });
  await next();
}

/**
 * Lets pages of other origins call. A preflight tells the methods of its path (specification, service-api 1.4).
 */
export async function crossOrigin(ctx: Context, next: Next): Promise<void> {
  ctx.set(cors);
  await next();
  const methods = ctx.response.get('Allow') ?? '';
  if (ctx.method !== 'OPTIONS' || methods === '') return;
  ctx.set({ 'Access-Control-Allow-Methods': `${methods}, OPTIONS`, 'Access-Control-Max-Age': '600' });
}

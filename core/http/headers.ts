import { METHODS } from 'node:http';
import type { Audience, Context, Next } from './state.ts';

/** Specification, service-api 1.3 */
const security = {
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
const cors = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key,X-Request-Id',
  'Access-Control-Expose-Headers': 'Retry-After,X-Request-Id',
};

/** Headers of every answer, errors too; a route may set another Cache-Control. */
export const headersFor = (audience: Audience): Readonly<Record<string, string>> => ({
  ...security,
  'Cache-Control': 'no-store',
  ...(audience === 'everyone' ? cors : {}),
});

/** Sets them before anything else does. */
export function withHeaders(headers: Readonly<Record<string, string>>) {
  return async (ctx: Context, next: Next): Promise<void> => {
    ctx.set(headers);
    await next();
  };
}

/** What a page may try on a path that there isn't. */
const usual = ['GET', 'HEAD', 'POST', 'PUT'];

/**
 * Answers preflights (specification, service-api 1.4). They name the methods of their path, and let everything else
 * come, too: browsers hide the answer to a request whose preflight was refused, and with it the error and its remedy.
 */
export async function preflight(ctx: Context, next: Next): Promise<void> {
  await next();
  if (ctx.method !== 'OPTIONS') return;
  const allowed = ctx.response.get('Allow') ?? '';
  const asked = ctx.get('Access-Control-Request-Method');
  const methods = [...(allowed === '' ? usual : allowed.split(', ')), ...(METHODS.includes(asked) ? [asked] : [])];
  ctx.set({
    'Access-Control-Allow-Methods': [...new Set([...methods, 'OPTIONS'])].join(', '),
    'Access-Control-Max-Age': '600',
  });
  if (asked !== '') ctx.status = 204;
}

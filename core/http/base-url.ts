import { refusal, shown } from './refusal.ts';
import type { Context } from './state.ts';

const authority = /^(\[[\da-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?$/;

/**
 * The service's own address as the caller knows it, without a slash at the end (specification,
 * service-api 1.1): a proxy in front says the scheme.
 *
 * @throws LazuliError `bad_request` when there is no proper Host
 */
export function baseUrl(ctx: Context): string {
  // Of several proxies the first one in the list is the one that the caller knows.
  const [forwarded = ''] = ctx.get('X-Forwarded-Proto').split(',');
  const scheme = forwarded.trim().toLowerCase() === 'https' ? 'https' : 'http';
  const host = ctx.get('Host');
  if (!authority.test(host)) throw refusal(`Invalid value for the header Host: ${shown(host)}.`, 'Send host and port.');
  return `${scheme}://${host}`;
}

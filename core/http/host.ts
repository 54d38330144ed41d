import { refusal } from './refusal.ts';
import type { Context, Next } from './state.ts';

/**
 * Refuses requests that name no host, or several (RFC 9112, 3.2): a proxy may have used another one than we would.
 */
export async function oneHost({ req }: Context, next: Next): Promise<void> {
  const hosts = req.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1) throw refusal(`There are ${hosts} headers Host.`, 'Send one.');
  if (hosts === 0 && req.httpVersion !== '1.0') throw refusal('The header Host is missing.', 'Send one.');
  await next();
}

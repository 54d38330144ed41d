import { foreignness } from '../config/callers.ts';
import { LazuliError } from '../config/errors.ts';
import { demandJson } from './body.ts';
import type { Context, Next } from './state.ts';

const reading = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses what pages in a browser could ask of servers that need no credentials: requests of other origins and to
 * foreign hosts, and, of those that change something, all that browsers send without asking first.
 *
 * @param names of the server, beside `localhost` and addresses
 */
export function operatorsOnly(names: ReadonlySet<string>) {
  return async (ctx: Context, next: Next): Promise<void> => {
    const foreign = foreignness(ctx.headers, names);
    if (foreign !== null) throw refused(foreign);
    if (!reading.includes(ctx.method)) demandJson(ctx);
    await next();
  };
}

const refused = (foreign: string): LazuliError =>
  new LazuliError('forbidden', `This port is for operators, and the request is for ${foreign}`, {
    remedy: 'Ask by an address, by localhost or by a name in `http.peers`, and not from a page.',
  });

import type { Context } from '../../core/http/state.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { holdMillis } from '../http/times.ts';
import type { Standing } from './standing.ts';

const [firstRestMillis, lastRestMillis] = [100, 1_000];

/**
 * Answers somebody who would ask again at once only when there is something new, or after a while: `curl --location`
 * follows 50 redirects, and waits between none of them.
 */
export async function held(ctx: Context, clock: Clock, look: () => Promise<Standing>): Promise<Standing> {
  let rest = firstRestMillis;
  for (let waited = 0; waited < holdMillis; waited += rest) {
    const standing = await look();
    if (standing.kind === 'ready') return standing;
    rest = Math.min(lastRestMillis, rest * 2);
    await clock.sleep(rest, ctx.state.signal);
  }
  return await look();
}

import type { Context } from '../../core/http/state.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { holdBack, holdMillis } from '../http/holding.ts';
import type { Standing } from './standing.ts';

const [firstRestMillis, lastRestMillis] = [100, 1_000];

interface Watched {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly look: () => Promise<Standing>;
}

/**
 * Answers somebody who would ask again at once only when there is something new, or after a while: `curl --location`
 * follows 50 redirects, and waits between none of them.
 *
 * @throws as `holdBack`
 */
export const held = ({ state: { signal } }: Context, clock: Clock, look: () => Promise<Standing>): Promise<Standing> =>
  holdBack(signal, () => newsOf({ clock, signal, look }));

async function newsOf({ clock, signal, look }: Watched): Promise<Standing> {
  let rest = firstRestMillis;
  for (let waited = 0; waited < holdMillis; waited += rest) {
    const standing = await look();
    if (standing.kind === 'ready') return standing;
    rest = Math.min(lastRestMillis, rest * 2);
    await clock.sleep(rest, signal);
  }
  return await look();
}

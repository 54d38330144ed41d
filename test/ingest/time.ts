import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../core/runtime/ports.ts';

/** Longer than any back-off of ingest, and shorter than what it gives the repository. */
const patience = 60_000;

/** Time in our hands: back-offs take none, but let others have a turn; and nothing is ever too late. */
export const timeless = (now: () => number): Clock => ({
  now,
  async sleep(millis, signal) {
    if (millis < patience) return nextTurn();
    const ended = Promise.withResolvers<never>();
    const end = (): void => ended.reject(signal?.reason);
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end, { once: true });
    await ended.promise;
  },
});

import type { Clock } from '../runtime/ports.ts';
import type { Jobs } from './jobs.ts';
import type { Queued } from './queue.ts';
import type { Workers } from './workers.ts';

/** Attempts whose workers died, beside those that are worked on. */
const mostDead = 20;

/** How the making of exports stands. */
export interface ExportState {
  /** jobs that are not finished, and those of them that are worked on */
  readonly unfinished: number;
  readonly running: number;
  /** workers that were heard of a moment ago */
  readonly workers: number;
  /** since the oldest job came that is not finished; 0 where all are */
  readonly oldestSeconds: number;
  /** since the oldest job came that no worker has begun; 0 where all are */
  readonly waitingSeconds: number;
}

/** What is looked at. */
export interface WatchedExports {
  readonly jobs: Pick<Jobs, 'queue' | 'attempts'>;
  readonly workers: Pick<Workers, 'heard'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Of all catalogs together. @throws LazuliError `staging_unavailable` */
export async function exportState({ jobs, workers, clock }: WatchedExports): Promise<ExportState> {
  const [places, heard] = await Promise.all([jobs.queue.all(), workers.heard(clock.now())]);
  const inOrder = [...places].sort((a, b) => a.at - b.at);
  const running = [...heard.values()].reduce((sum, one) => sum + one.running, 0);
  const waiting = await firstWaiting(jobs, inOrder.slice(0, running + mostDead));
  const secondsSince = (place: Queued | undefined) =>
    place === undefined ? 0 : Math.max(0, clock.now() - place.at) / 1000;
  return {
    ...{ running, unfinished: new Set(places.map(({ hash }) => hash)).size, workers: heard.size },
    oldestSeconds: secondsSince(inOrder[0]),
    waitingSeconds: secondsSince(waiting),
  };
}

/** The first place that no worker has taken. */
async function firstWaiting(
  { attempts }: Pick<Jobs, 'attempts'>,
  places: readonly Queued[],
): Promise<Queued | undefined> {
  for (const place of places) if ((await attempts.get(place.hash, place.number)) === null) return place;
  return undefined;
}

import type { Jobs } from '../core/exports/jobs.ts';
import type { ResultObjects } from '../core/exports/objects.ts';
import type { Workers } from '../core/exports/workers.ts';
import type { Clock } from '../core/runtime/ports.ts';

/** URLs that were signed at the end of a result's life are good for a while. */
const graceMillis = 2 * 60 * 60 * 1000;
const dayMillis = 24 * 60 * 60 * 1000;

/** What is looked through, and how long it is kept. */
export interface Kept {
  readonly jobs: Jobs;
  readonly objects: ResultObjects;
  readonly workers: Workers;
  readonly lifeMillis: number;
  readonly clock: Pick<Clock, 'now'>;
}

/** Deletes results whose time is over and parts of some, records of jobs that nobody waits for any more, and traces of workers that died. */
export async function cleanUp(kept: Kept): Promise<void> {
  await deleteResults(kept);
  await deleteJobs(kept);
  await forgetWorkers(kept);
}

async function deleteResults({ objects, lifeMillis, clock }: Kept): Promise<void> {
  await objects.removeLeftovers?.(clock.now() - dayMillis);
  for await (const name of objects.list()) {
    const found = await objects.stat(name);
    if (found !== null && clock.now() - found.written > lifeMillis + graceMillis) await objects.delete(name);
  }
}

async function deleteJobs({ jobs, lifeMillis, clock }: Kept): Promise<void> {
  const isOld = (requested: number): boolean => clock.now() - requested > lifeMillis + dayMillis;
  for await (const hash of jobs.all()) {
    const job = await jobs.get(hash);
    if (job !== null && !isOld(job.requested)) continue;
    const { state, next } = await jobs.look(hash);
    const isWanted = (state.kind === 'done' && !isOld(state.at)) || (await jobs.queue.has(hash, next));
    if (!isWanted) await jobs.delete(hash);
  }
}

async function forgetWorkers({ workers, clock }: Kept): Promise<void> {
  for (const [name, { at }] of await workers.all()) if (clock.now() - at > dayMillis) await workers.leave(name);
}

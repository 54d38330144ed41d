import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderObjects } from '../../../core/exports/folder-objects.ts';
import { Jobs } from '../../../core/exports/jobs.ts';
import { Workers } from '../../../core/exports/workers.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { noFaults } from '../../../core/runtime/ports.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { doJob, type JobParts } from '../../../exports/job.ts';
import { Loop } from '../../../exports/loop.ts';
import type { Make } from '../../../exports/making.ts';
import type { Pace } from '../../../exports/pace.ts';
import { cleanUp } from '../../../exports/upkeep.ts';
import { temporaryFolder } from '../streams/recording.ts';

/** Tests can't wait for twenty seconds. */
export const quickPace: Pace = { lookMillis: 20, beatMillis: 30, leaseMillis: 300, upkeepMillis: 60_000 };

/** Writes what was asked for. */
export const writesRequest: Make = async ({ file, request, onProgress }) => {
  onProgress({ rows: 0, total: 1 });
  await writeFile(file, request.filters);
  onProgress({ rows: 1, total: 1 });
  return { rows: 1, name: null };
};

/** A table of jobs and a folder of results, of which any number of workers in this process make something. */
export interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly jobs: Jobs;
  readonly workers: Workers;
  readonly objects: FolderObjects;
  /** ids of the sources that every catalog has */
  sources: ReadonlySet<string>;
  parts(over?: Partial<JobParts>): JobParts;
  /** @returns how to end it */
  start(over?: Partial<JobParts> & { readonly concurrentJobs?: number }): Loop;
}

export async function exportScene(): Promise<Scene> {
  const folder = await temporaryFolder();
  const records = new FolderStore(join(folder.path, 'records'));
  const [jobs, workers] = [new Jobs(records, systemClock), new Workers(records)];
  const objects = new FolderObjects(join(folder.path, 'results'));
  const loops: Loop[] = [];
  let started = 0;
  const scene: Scene = {
    ...{ folder: folder.path, jobs, workers, objects },
    sources: new Set(['a']),
    parts: (over = {}) => ({
      make: writesRequest,
      objects,
      atlasOf: () => 'flora',
      sourcesOf: async () => scene.sources,
      folder: join(folder.path, 'state'),
      temporaryBytes: 1_000_000,
      beatMillis: quickPace.beatMillis,
      clock: systemClock,
      logger: noLogger,
      fault: noFaults,
      ...over,
    }),
    start({ concurrentJobs = 2, ...over } = {}) {
      const parts = scene.parts(over);
      const kept = { jobs, objects, workers, lifeMillis: 1_000, clock: parts.clock };
      const loop = new Loop({
        ...{
          worker: `w${++started}`,
          jobs,
          workers,
          concurrentJobs,
          pace: quickPace,
          clock: parts.clock,
          logger: noLogger,
        },
        work: (attempt, stop) => doJob(parts, attempt, stop),
        cleanUp: () => cleanUp(kept),
      });
      loops.push(loop);
      return loop;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(loops.map((loop) => loop.stop()));
      await folder[Symbol.asyncDispose]();
    },
  };
  return scene;
}

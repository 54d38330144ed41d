import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { hostNames } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import { recordsFor, resultsFor } from '../core/deployment/stores.ts';
import { Jobs } from '../core/exports/jobs.ts';
import { Workers } from '../core/exports/workers.ts';
import { metricsApp } from '../core/health/metrics.ts';
import { type Listening, listen } from '../core/http/server.ts';
import { systemClock } from '../core/runtime/clock.ts';
import { type Logger, processLogger } from '../core/runtime/logger.ts';
import { type FaultPoint, noFaults } from '../core/runtime/ports.ts';
import { markFolder, ownFolder } from '../core/storage/own-folder.ts';
import { CatalogSources } from './catalogs.ts';
import { openStaged } from './copies.ts';
import { tellOfDisk, watchDisk } from './disk.ts';
import { doJob, type JobParts } from './job.ts';
import { Loop } from './loop.ts';
import type { Make } from './making.ts';
import { measuredWork } from './metrics.ts';
import { type Pace, usualPace } from './pace.ts';
import { selecting } from './selecting.ts';
import { cleanUp } from './upkeep.ts';

/** What a caller may replace. */
export interface ExportOptions {
  readonly logger?: Logger;
  readonly fault?: FaultPoint;
  readonly pace?: Partial<Pace>;
  /** how files are written; default: the formats, from snapshots */
  readonly make?: Make;
}

/** A running export worker. At its URL are its metrics, for operators. */
export type ExportWorker = Listening;

const dayMillis = 24 * 60 * 60 * 1000;

/**
 * Starts an export worker, of which a deployment may have any number: it makes what callers have asked the service for.
 *
 * @throws LazuliError `configuration_invalid`, `in_use`, `staging_unavailable`
 */
export async function startExport(settings: Settings, options: ExportOptions = {}): Promise<ExportWorker> {
  const { http, limits, exports, folders, catalogs } = settings;
  const { logger = processLogger('export'), fault = noFaults } = options;
  const pace = { ...usualPace, ...options.pace };
  const clock = systemClock;
  const folder = ownFolder(join(folders.state, 'exports'), clock.now());
  const staged = await openStaged(settings, folder);
  const records = recordsFor(settings, staged.objects);
  const [jobs, workers, objects] = [new Jobs(records, clock), new Workers(records), resultsFor(settings)];
  const worker = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const sources = new CatalogSources(settings);
  const parts: JobParts = {
    ...{ objects, clock, logger, fault, beatMillis: pace.beatMillis, temporaryBytes: exports.temporaryBytes },
    make: options.make ?? selecting({ settings, reading: staged.reading, worker, clock, fault }),
    atlasOf: (catalog) => catalogs[catalog]?.atlas ?? null,
    sourcesOf: (catalog) => sources.of(catalog),
    folder,
  };
  const metrics = new Registry();
  watchDisk(folder, metrics);
  const work = measuredWork(metrics, clock, (attempt, stop) => doJob(parts, attempt, stop));
  const lifeMillis = exports.resultDays * dayMillis;
  const app = metricsApp(metrics, { logger, urlBytes: limits.urlBytes, hosts: hostNames(settings) });
  const server = await listen(app, { host: http.host, port: http.export, urlBytes: limits.urlBytes });
  collectDefaultMetrics({ register: metrics });
  const loop = new Loop({
    ...{ worker, jobs, workers, pace, work, clock, logger, concurrentJobs: exports.concurrentJobs },
    cleanUp: async () => {
      await markFolder(folder, clock.now());
      await cleanUp({ jobs, objects, workers, lifeMillis, clock });
    },
  });
  const ending = new AbortController();
  const telling = tellOfDisk(folder, { clock, logger, signal: ending.signal });
  logger.info({ url: server.url, worker }, 'listening');
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    ending.abort();
    await Promise.all([loop.stop(), telling]);
    await server.stop();
  };
  return {
    ...server,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

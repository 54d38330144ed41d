import { Gauge, type Registry } from 'prom-client';
import type { Health, HealthCheck } from '../../core/health/health.ts';
import type { Exports } from './exports.ts';

/** How the making of exports stands. */
interface ExportState {
  /** jobs that are not finished, and those of them that are worked on */
  readonly unfinished: number;
  readonly running: number;
  /** workers that were heard of a moment ago */
  readonly workers: number;
  /** since the oldest job came that is not finished; 0 where all are */
  readonly oldestSeconds: number;
}

type Watched = Pick<Exports, 'jobs' | 'workers' | 'clock'>;

/** @throws LazuliError `staging_unavailable` */
async function exportState({ jobs, workers, clock }: Watched): Promise<ExportState> {
  const [places, heard] = await Promise.all([jobs.queue.all(), workers.heard(clock.now())]);
  const oldest = Math.min(clock.now(), ...places.map(({ at }) => at));
  return {
    unfinished: new Set(places.map(({ hash }) => hash)).size,
    running: [...heard.values()].reduce((sum, { running }) => sum + running, 0),
    workers: heard.size,
    oldestSeconds: (clock.now() - oldest) / 1000,
  };
}

/** Down where somebody waits for an export and no worker is there that would make it. */
export function exportCheck(open: () => Promise<Watched>): HealthCheck {
  return async (): Promise<Health> => {
    const { unfinished, running, workers, oldestSeconds } = await exportState(await open());
    const counts = { unfinished, running, workers, oldest_unfinished_seconds: oldestSeconds };
    if (unfinished === 0 || workers > 0) return { up: true, ...counts };
    return { up: false, error: 'No export worker has been heard of for 30 seconds: is one running?', ...counts };
  };
}

/** Tells the same as metrics; no number where it can't be found out. */
export function watchExports(open: () => Promise<Watched>, registry: Registry): void {
  const gauge = (name: string, help: string, value: (state: ExportState) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const state = await open()
          .then(exportState)
          .catch(() => null);
        this.set(state === null ? Number.NaN : value(state));
      },
    });
  gauge('lazuli_export_jobs_unfinished', 'Exports that wait or are worked on', ({ unfinished }) => unfinished);
  gauge('lazuli_export_workers', 'Export workers heard of a moment ago', ({ workers }) => workers);
  gauge(
    'lazuli_export_oldest_unfinished_seconds',
    'Since the oldest export was asked for that is not finished; 0 where all are',
    ({ oldestSeconds }) => oldestSeconds,
  );
}

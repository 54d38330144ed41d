import { Gauge, type Registry } from 'prom-client';
import { type ExportState, exportState, type WatchedExports } from '../../core/exports/state.ts';
import type { Health, HealthCheck } from '../../core/health/health.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { withoutPlaces } from './places.ts';

/** Between two lines of the log about exports. */
const tellMillis = 60_000;

/** As health and log have it. */
const shown = ({ unfinished, running, workers, oldestSeconds, waitingSeconds }: ExportState) => ({
  ...{ unfinished, running, workers },
  oldest_unfinished_seconds: oldestSeconds,
  oldest_waiting_seconds: waitingSeconds,
});

/** Down where somebody waits for an export and no worker is there that would make it. */
export function exportCheck(open: () => Promise<WatchedExports>): HealthCheck {
  return async (): Promise<Health> => {
    const state = await withoutPlaces(async () => exportState(await open()));
    if (state.unfinished === 0 || state.workers > 0) return { up: true, ...shown(state) };
    return { up: false, error: 'No export worker has been heard of for 30 seconds: is one running?', ...shown(state) };
  };
}

/** Tells the same as metrics; no number where it can't be found out. */
export function watchExports(open: () => Promise<WatchedExports>, registry: Registry): void {
  let looking: Promise<ExportState | null> | undefined;
  const look = (): Promise<ExportState | null> => {
    looking ??= open()
      .then(exportState)
      .catch(() => null)
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const gauge = (name: string, help: string, value: (state: ExportState) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const state = await look();
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
  gauge(
    'lazuli_export_oldest_waiting_seconds',
    'Since the oldest export was asked for that no worker has begun; 0 where all are',
    ({ waitingSeconds }) => waitingSeconds,
  );
}

/** The same once a minute as a line of the log, which metric filters of a deployment read. Goes on until it is stopped. */
export async function tellOfExports(
  open: () => Promise<WatchedExports>,
  { clock, logger, signal }: { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<void> {
  const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  while (!signal.aborted) {
    // Where they are may not answer for long: who stops doesn't wait for that.
    await Promise.race([tell(open, logger), stopped]);
    await clock.sleep(tellMillis, signal).catch(() => {});
  }
}

async function tell(open: () => Promise<WatchedExports>, logger: Logger): Promise<void> {
  try {
    logger.info(shown(await exportState(await open())), 'exports');
  } catch (err) {
    logger.warn({ err }, 'how exports stand can not be found out');
  }
}

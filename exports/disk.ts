import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '../core/runtime/logger.ts';
import type { Clock } from '../core/runtime/ports.ts';

/** Between two lines of the log about the disk. */
const tellMillis = 60_000;

/** A disk, in bytes. */
export interface Disk {
  readonly bytes: number;
  /** for who has no privileges */
  readonly free: number;
}

/** The disk that a folder is on. */
export async function diskOf(folder: string): Promise<Disk> {
  const { bsize, blocks, bavail } = await statfs(folder);
  return { bytes: bsize * blocks, free: bsize * bavail };
}

/** Tells how much of a worker's disk is left, as metrics; no number where it can't be found out. */
export function watchDisk(folder: string, registry: Registry): void {
  const gauge = (name: string, help: string, value: (disk: Disk) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await diskOf(folder).then(value, () => Number.NaN));
      },
    });
  gauge('lazuli_export_disk_bytes', 'The disk on which exports are made', ({ bytes }) => bytes);
  gauge('lazuli_export_disk_free_bytes', 'What is left of it', ({ free }) => free);
}

/** The same once a minute as a line of the log, which a metric filter of a deployment reads. Goes on until it is stopped. */
export async function tellOfDisk(
  folder: string,
  { clock, logger, signal }: { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { bytes, free } = await diskOf(folder);
      logger.info({ free_percent: Math.floor((100 * free) / bytes) }, 'disk');
    } catch (err) {
      logger.warn({ err }, 'how much of the disk is left can not be found out');
    }
    await clock.sleep(tellMillis, signal).catch(() => {});
  }
}

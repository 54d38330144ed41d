import type { Settings } from '../../core/config/settings.ts';
import { openStaging, recordsFor, resultsFor } from '../../core/deployment/stores.ts';
import { Jobs } from '../../core/exports/jobs.ts';
import { exportSecret } from '../../core/exports/secret.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import { Tokens } from '../../core/exports/tokens.ts';
import { Workers } from '../../core/exports/workers.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { Admission } from './admission.ts';
import type { Exports, OpenExports } from './exports.ts';
import { NewestSnapshots } from './newest.ts';

const dayMillis = 24 * 60 * 60 * 1000;

/** Opens what exports need when it is needed, and again where that failed: the service starts without. */
export function exportsOf(settings: Settings, count: Exports['count']): OpenExports {
  let opened: Promise<Exports> | undefined;
  return () => {
    opened ??= open(settings, count);
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  };
}

async function open(settings: Settings, count: Exports['count']): Promise<Exports> {
  const { deployment, exports: limits, folders } = settings;
  const [staging, secret] = await Promise.all([
    openStaging(settings),
    exportSecret({ keyFile: limits.keyFile, stateFolder: folders.state }),
  ]);
  const clock = systemClock;
  const records = recordsFor(settings, staging);
  const jobs = new Jobs(records, clock);
  const newest = async (catalog: string) => (await new Snapshots(staging, catalog).newest())?.number ?? null;
  return {
    ...{ jobs, clock, count, looking: new Map() },
    objects: resultsFor(settings),
    workers: new Workers(records),
    tokens: new Tokens(secret, deployment),
    newest: new NewestSnapshots(newest, clock),
    admission: new Admission(jobs.queue, limits, clock),
    lifeMillis: limits.resultDays * dayMillis,
  };
}

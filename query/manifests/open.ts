import type { Settings } from '../../core/config/settings.ts';
import { openStaging, recordsFor, resultsFor } from '../../core/deployment/stores.ts';
import { Jobs } from '../../core/exports/jobs.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import { Workers } from '../../core/exports/workers.ts';
import { whenNeeded } from '../../core/runtime/when-needed.ts';
import type { OpenLinks } from '../downloads/open.ts';
import { Admission } from './admission.ts';
import type { Exports, OpenExports } from './exports.ts';
import { NewestSnapshots } from './newest.ts';

const dayMillis = 24 * 60 * 60 * 1000;

/** Opens what exports need when it is needed, and again where that failed: the service starts without. */
export function exportsOf(settings: Settings, links: OpenLinks, count: Exports['count']): OpenExports {
  return whenNeeded(() => open(settings, links, count));
}

async function open(settings: Settings, openLinks: OpenLinks, count: Exports['count']): Promise<Exports> {
  const { exports: limits } = settings;
  const [staging, { tokens, clock }] = await Promise.all([openStaging(settings), openLinks()]);
  const records = recordsFor(settings, staging);
  const jobs = new Jobs(records, clock);
  const newest = async (catalog: string) => (await new Snapshots(staging, catalog).newest())?.number ?? null;
  return {
    ...{ jobs, tokens, clock, count, looking: new Map() },
    objects: resultsFor(settings),
    workers: new Workers(records),
    newest: new NewestSnapshots(newest, clock),
    admission: new Admission(jobs.queue, limits, clock),
    lifeMillis: limits.resultDays * dayMillis,
  };
}

import type { Settings } from '../../core/config/settings.ts';
import { openStaging, recordsFor } from '../../core/deployment/stores.ts';
import { type JobState, Jobs } from '../../core/exports/jobs.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import { exportState } from '../../core/exports/state.ts';
import { Workers } from '../../core/exports/workers.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { noneIfRefused } from '../../plugins/opening.ts';
import { metadataPlugin } from '../../plugins/registry.ts';

/** How exports of a catalog stand. */
export interface CatalogExports {
  /** the newest one; null where none is published yet */
  readonly snapshot: { readonly number: number; readonly published: string } | null;
  /** those that results are kept of; `failed` ones are tried again when somebody asks */
  readonly jobs: Readonly<Record<'waiting' | 'running' | 'failed', number>>;
  /** there are more jobs than were looked at */
  readonly atLeast: boolean;
  /** export workers of the deployment that were heard of a moment ago */
  readonly workers: number;
}

/** Jobs that are looked at, all and at a time. */
const mostJobs = 2_000;
const together = 32;

type Kind = JobState['kind'];

/**
 * Of the catalogs that can be exported, by name.
 *
 * @throws LazuliError `staging_unavailable`
 */
export async function exportsByCatalog(settings: Settings): Promise<ReadonlyMap<string, CatalogExports>> {
  const staging = await openStaging(settings);
  const records = recordsFor(settings, staging);
  const jobs = new Jobs(records, systemClock);
  const { workers } = await exportState({ jobs, workers: new Workers(records), clock: systemClock });
  const { kinds, atLeast } = await kindsByCatalog(jobs);
  const found = new Map<string, CatalogExports>();
  for (const [catalog, { plugins }] of Object.entries(settings.catalogs)) {
    const plugin = await metadataPlugin(plugins.metadata.name, settings).catch(noneIfRefused);
    if (plugin?.manifests === undefined) continue;
    const newest = await new Snapshots(staging, catalog).newest();
    const snapshot = newest === null ? null : { number: newest.number, published: newest.published };
    const count = (kind: Kind): number => kinds.filter((one) => one.catalog === catalog && one.kind === kind).length;
    const counts = { waiting: count('waiting'), running: count('running'), failed: count('failed') };
    found.set(catalog, { snapshot, jobs: counts, atLeast, workers });
  }
  return found;
}

interface Kinds {
  readonly kinds: readonly { readonly catalog: string; readonly kind: Kind }[];
  readonly atLeast: boolean;
}

async function kindsByCatalog(jobs: Jobs): Promise<Kinds> {
  const hashes: string[] = [];
  let atLeast = false;
  for await (const hash of jobs.all()) {
    if (hashes.length < mostJobs) hashes.push(hash);
    else {
      atLeast = true;
      break;
    }
  }
  const kinds: { catalog: string; kind: Kind }[] = [];
  for (let first = 0; first < hashes.length; first += together) {
    const looks = hashes.slice(first, first + together).map(async (hash) => {
      const [job, { state }] = await Promise.all([jobs.get(hash), jobs.look(hash)]);
      return job === null ? [] : [{ catalog: job.request.catalog, kind: state.kind }];
    });
    kinds.push(...(await Promise.all(looks)).flat());
  }
  return { kinds, atLeast };
}

/** `snapshot 12 of 2026-11-30T12:50:14Z; 1 waiting, 0 running, 0 failed; 2 workers` */
export function describeExports({ snapshot, jobs, atLeast, workers }: CatalogExports): string {
  const of = snapshot === null ? 'nothing published yet' : `snapshot ${snapshot.number} of ${snapshot.published}`;
  const counts = `${atLeast ? 'at least ' : ''}${jobs.waiting} waiting, ${jobs.running} running, ${jobs.failed} failed`;
  return `${of}; ${counts}; ${workers === 0 ? 'no worker' : workers === 1 ? '1 worker' : `${workers} workers`}`;
}

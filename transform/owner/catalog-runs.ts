import { Restagings } from '../../core/runs/restaging.ts';
import { Upkeep } from '../compaction/upkeep.ts';
import type { Copies } from '../copies/copies.ts';
import type { GenerationKeeper } from '../generations/keeper.ts';
import { Repair } from '../generations/repair.ts';
import { RunRecords } from '../generations/run-records.ts';
import { Runs } from '../generations/runs.ts';
import type { Loading } from '../loading/loading.ts';
import { Restaged } from '../restaging/restaged.ts';
import type { CatalogParts } from './catalog-parts.ts';
import type { Commits } from './commits.ts';

/** What runs and upkeep need of the owner of a catalog. */
export interface OwnerParts {
  readonly keeper: GenerationKeeper;
  readonly loading: Loading;
  readonly commits: Commits;
  readonly copies: Copies;
  readonly owned: () => Promise<void>;
  readonly isWritten: (commit: number) => boolean;
  /** Loads all that counts and isn't in the store. */
  readonly reconcile: () => Promise<void>;
  readonly load: (batches: readonly string[]) => Promise<void>;
}

/** The runs of a catalog, and the upkeep of what is staged, which leaves alone what a run is about to replace. */
export function runsAndUpkeep(
  parts: CatalogParts,
  owner: OwnerParts,
): { readonly runs: Runs; readonly upkeep: Upkeep } {
  const restagings = new Restagings(parts.objects, parts.catalog);
  const runs = new Runs({
    ...parts,
    ...owner,
    restaged: new Restaged({ ...parts, ...owner, restagings }),
    repair: new Repair({ ...parts, ...owner }),
    catchUp: () => owner.loading.catchUp(() => owner.commits.next()),
    records: new RunRecords(parts.records, parts.catalog, parts.logger),
  });
  return { runs, upkeep: new Upkeep({ ...parts, ...owner, restagings, cut: () => runs.cut }) };
}

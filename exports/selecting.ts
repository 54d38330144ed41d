import { availableParallelism } from 'node:os';
import { LazuliError } from '../core/config/errors.ts';
import type { Settings } from '../core/config/settings.ts';
import { selectedBy } from '../core/exports/request.ts';
import { Snapshots } from '../core/exports/snapshots.ts';
import type { Clock, FaultPoint } from '../core/runtime/ports.ts';
import { metadataPlugin } from '../plugins/registry.ts';
import type { Reading } from './copies.ts';
import { formats } from './formats/index.ts';
import type { Make } from './making.ts';
import { Selection } from './selection/selection.ts';

export interface SelectingParts {
  readonly settings: Pick<Settings, 'catalogs' | 'exports' | 'plugins'>;
  readonly reading: () => Reading;
  /** holds claims on snapshots */
  readonly worker: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly fault: FaultPoint;
}

/** Writes files in the formats that there are, of documents that filters select in a snapshot. */
export const selecting =
  ({ settings, reading, worker, clock, fault }: SelectingParts): Make =>
  async ({ hash, request, file, temporary, signal, onProgress }) => {
    const catalog = settings.catalogs[request.catalog];
    if (catalog === undefined) throw noCatalog(request.catalog);
    const plugin = await metadataPlugin(catalog.plugins.metadata.name, settings);
    const { entityType } = request;
    await using open = reading();
    const { objects } = open;
    const limits = limitsOf(settings);
    const claim = { by: `${worker}.${hash}`, now: clock.now() };
    const made = await new Snapshots(objects, request.catalog).whileClaimed(
      request.snapshot,
      claim,
      async (snapshot) => {
        const selection = await Selection.open({
          ...{ objects, catalog: request.catalog, plugin, entityType, snapshot, temporary, limits },
          filter: selectedBy(request),
        });
        try {
          fault('exports.selected');
          const { rows: total } = selection;
          onProgress({ rows: 0, total });
          return await formats[request.format].write({
            ...{ selection, file, signal, key: hash, baseUrl: request.baseUrl, catalog: request.catalog },
            moment: new Date(snapshot.published),
            onProgress: (rows) => onProgress({ rows, total }),
          });
        } finally {
          await selection.close();
        }
      },
    );
    if (made === null) throw outdated();
    return made;
  };

function limitsOf({ exports }: Pick<Settings, 'exports'>) {
  const { memoryBytes, concurrentJobs, temporaryBytes } = exports;
  return {
    memoryBytes: Math.floor(memoryBytes / concurrentJobs),
    temporaryBytes,
    threads: Math.min(2, availableParallelism()),
  };
}

const noCatalog = (name: string): LazuliError =>
  new LazuliError('manifest_failed', `the export workers have no catalog '${name}'.`, {
    remedy: 'Give the service and the export workers the same settings.',
  });

const outdated = (): LazuliError =>
  new LazuliError('manifest_failed', 'the documents have changed since, and those of that time were deleted.', {
    remedy: 'Request it again: it has the documents as they are now.',
  });

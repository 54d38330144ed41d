import { join } from 'node:path';
import { systemClock } from '../../../core/runtime/clock.ts';
import type { Logger } from '../../../core/runtime/logger.ts';
import { noFaults, type ObjectStore } from '../../../core/runtime/ports.ts';
import { StoredDeadLetters } from '../../../core/storage/dead-letters.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { type S3Place, S3Store } from '../../../core/storage/s3/store.ts';
import { cloneOnly, metadataPlugin } from '../../../plugins/registry.ts';
import type { CatalogContext } from '../../../transform/catalog/context.ts';
import { takeEpoch } from '../../../transform/catalog/epochs.ts';
import { CatalogOwner } from '../../../transform/owner/catalog.ts';
import { openSearchCluster } from '../../../transform/sink/search-cluster.ts';
import { Store } from '../../../transform/store/store.ts';
import { defaultLimits } from '../../rigs/default-limits.ts';
import { catalog } from '../staging.ts';
import { Capture } from './capture.ts';

/** What an owner is opened with. */
export interface Where {
  /** the folder of staged batches, or the bucket */
  readonly staging: string | S3Place;
  /** a folder of its own */
  readonly state: string;
  readonly opensearch: string;
  readonly deployment: string;
}

/** A catalog with its owner, which doesn't run yet. */
export interface Opened {
  readonly context: CatalogContext;
  readonly capture: Capture;
  readonly owner: CatalogOwner;
  /** the epoch before */
  readonly before: number;
  running: Promise<void>;
}

const day = 86_400_000;
const logger: Logger = { info: () => {}, warn: console.error, error: console.error };

/** Opens a catalog as a transform worker does, its store empty. */
export async function open({ staging, state, opensearch, deployment }: Where): Promise<Opened> {
  const plugin = await metadataPlugin('hca', cloneOnly);
  const [objects, letters] = await Promise.all([openObjects(staging), prepared(join(state, 'dead-letters'))]);
  const { storeMemoryBytes: memoryBytes, storeThreads: threads } = defaultLimits;
  const { epoch, before } = await takeEpoch(objects, catalog, 'bench');
  const capture = new Capture(openSearchCluster(opensearch));
  const context: CatalogContext = {
    ...{ deployment, catalog, plugin, epoch, objects, records: objects, logger, clock: systemClock, fault: noFaults },
    store: await Store.open(join(state, 'store.duckdb'), plugin, { memoryBytes, threads }),
    deadLetters: new StoredDeadLetters(letters),
    cluster: capture,
    limits: defaultLimits,
    copying: null,
    reconcileMillis: day,
    retiredMillis: day,
  };
  return { context, capture, owner: new CatalogOwner(context), before, running: Promise.resolve() };
}

async function openObjects(staging: Where['staging']): Promise<ObjectStore> {
  return typeof staging === 'string' ? prepared(staging) : new S3Store(staging, {});
}

async function prepared(folder: string): Promise<FolderStore> {
  const store = new FolderStore(folder);
  await store.prepare();
  return store;
}

import { join } from 'node:path';
import { z } from 'zod';
import { metadataPlugin } from '../../../plugins/registry.ts';
import { systemClock } from '../../../streams/clock.ts';
import { StoredDeadLetters } from '../../../streams/dead-letters.ts';
import { FolderStore } from '../../../streams/folder.ts';
import type { Logger } from '../../../streams/logger.ts';
import { noFaults } from '../../../streams/ports.ts';
import { CatalogOwner } from '../../../transform/catalog.ts';
import type { CatalogParts } from '../../../transform/catalog-parts.ts';
import { takeEpoch } from '../../../transform/epochs.ts';
import { readAlias } from '../../../transform/index-layout.ts';
import { Loading, maxBatchesAtOnce } from '../../../transform/loading.ts';
import { openSearchCluster } from '../../../transform/sink/search-cluster.ts';
import { Store } from '../../../transform/store/store.ts';
import { answer } from '../machine/part.ts';
import { catalog, defaultLimits } from '../staging.ts';
import { type Built, build, type StatementTimes } from './building.ts';
import { Capture } from './capture.ts';

/** The transform worker's part of a catalog, without streams. */
export type OwnerPart = {
  /** Opens an empty store. `staging` is the folder of staged batches, `state` one of its own. */
  readonly open: (argument: {
    staging: string;
    state: string;
    opensearch: string;
    deployment: string;
  }) => Promise<null>;
  /** Loads all staged batches; returns their number. */
  readonly load: (argument: null) => Promise<number>;
  /** Takes the catalog over, which rebuilds everything into the first generation. */
  readonly take: (argument: null) => Promise<null>;
  /** Rebuilds into a fresh generation; bulk bodies go to the folder too where one is given. */
  readonly rebuild: (argument: { capture: string | null }) => Promise<null>;
  /** Documents that searches find now, over all entity types. */
  readonly count: (argument: null) => Promise<number>;
  /** Stops writing; the store stays open. */
  readonly rest: (argument: null) => Promise<null>;
  /** Builds everything and drops it. */
  readonly build: (argument: null) => Promise<Built & { statements: StatementTimes }>;
};

const pollMillis = 10;
const maxMillis = 6 * 3_600_000;
const countSchema = z.looseObject({ count: z.int() });
const day = 86_400_000;
const logger: Logger = { info: () => {}, warn: console.error, error: console.error };

interface Opened {
  readonly parts: CatalogParts;
  readonly capture: Capture;
  readonly owner: CatalogOwner;
  readonly before: number;
  running: Promise<void>;
}

let opened: Opened | undefined;

const methods: OwnerPart = {
  async open({ staging, state, opensearch, deployment }) {
    const plugin = await metadataPlugin('hca');
    const [objects, letters] = [new FolderStore(staging), new FolderStore(join(state, 'dead-letters'))];
    await Promise.all([objects.prepare(), letters.prepare()]);
    const { storeMemoryBytes: memoryBytes, storeThreads: threads } = defaultLimits;
    const { epoch, before } = await takeEpoch(objects, catalog, 'bench');
    const capture = new Capture(openSearchCluster(opensearch));
    const parts: CatalogParts = {
      ...{ deployment, catalog, plugin, objects, records: objects, logger, clock: systemClock, fault: noFaults },
      store: await Store.open(join(state, 'store.duckdb'), plugin, { memoryBytes, threads }),
      deadLetters: new StoredDeadLetters(letters),
      cluster: capture,
      limits: defaultLimits,
      copying: null,
      reconcileMillis: day,
      retiredMillis: day,
    };
    const owner = new CatalogOwner(parts, epoch);
    opened = { parts, capture, owner, before, running: Promise.resolve() };
    return null;
  },
  async load() {
    const { parts } = isOpen();
    const { store } = parts;
    const loading = new Loading(parts);
    const batches = await loading.unloaded();
    let commit = 0;
    const nextCommit = async (): Promise<number> => {
      await store.setMeta('commit', String(++commit));
      return commit;
    };
    for (let i = 0; i < batches.length; i += maxBatchesAtOnce)
      await loading.load(batches.slice(i, i + maxBatchesAtOnce), nextCommit);
    return batches.length;
  },
  async take() {
    const { owner, before } = isOpen();
    const running = owner.run(before);
    isOpen().running = running;
    await Promise.race([running, untilIdle(owner)]);
    return null;
  },
  async rebuild({ capture: folder }) {
    const { owner, capture } = isOpen();
    capture.begin(folder);
    await owner.rebuild();
    capture.end();
    return null;
  },
  async count() {
    const { cluster, plugin, deployment } = isOpen().parts;
    const aliases = Object.keys(plugin.entityTypes).map((entityType) => readAlias(deployment, catalog, entityType));
    const { body } = await cluster.request('GET', `/${aliases.join(',')}/_count`);
    return countSchema.parse(body).count;
  },
  async rest() {
    const { owner, running } = isOpen();
    owner.stop();
    await running;
    return null;
  },
  build: () => build(isOpen().parts),
};

function isOpen(): Opened {
  if (opened === undefined) throw new Error('Nothing is open');
  return opened;
}

async function untilIdle(owner: CatalogOwner): Promise<void> {
  const deadline = Date.now() + maxMillis;
  while (owner.progress.state !== 'idle') {
    if (Date.now() > deadline) throw new Error(`Not idle: ${JSON.stringify(owner.progress)}`);
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
}

export const run = (): void => answer(methods);

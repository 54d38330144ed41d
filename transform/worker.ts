import { join } from 'node:path';
import type { Catalog } from '../core/config/catalogs.ts';
import { LazuliError } from '../core/config/errors.ts';
import { hostNames } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import { openDeadLetters, openStaging, recordsFor, reportsFor } from '../core/deployment/stores.ts';
import { listen } from '../core/http/server.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import { systemClock } from '../core/runtime/clock.ts';
import { type Logger, processLogger } from '../core/runtime/logger.ts';
import { type FaultPoint, noFaults } from '../core/runtime/ports.ts';
import { LetterCounts, lettersOfTransform } from '../core/storage/letter-counts.ts';
import type { Consumer } from '../core/streams/consumer.ts';
import { createKinesisClient } from '../core/streams/kinesis.ts';
import type { ConsumerLimits } from '../core/streams/limits.ts';
import { expectNotAll } from '../plugins/opening.ts';
import { metadataPlugin } from '../plugins/registry.ts';
import type { CatalogContext } from './catalog/context.ts';
import { takeEpoch } from './catalog/epochs.ts';
import { restoreStore } from './copies/restore.ts';
import { shardsOf, startConsumers } from './loading/consumers.ts';
import { StagedBatches } from './loading/staged-batches.ts';
import { CatalogOwner } from './owner/catalog.ts';
import { census } from './owner/census.ts';
import { type CatalogStatus, controlApp, type TransformControl } from './owner/control.ts';
import { OwnedCatalog, type Taken } from './owner/owned-catalog.ts';
import { reportCatalog } from './owner/reporting.ts';
import { type Pause, pauseOf } from './sink/pause.ts';
import { openSearchCluster } from './sink/search-cluster.ts';
import { entityTypeNumber } from './store/schema.ts';
import { Store, storeLayout } from './store/store.ts';

/** A transform process's part that runs until it is stopped. */
export interface TransformWorker {
  readonly url: string;
  /** Resolves when stopped. @throws what the worker must not survive */
  readonly done: Promise<void>;
  stop(): Promise<void>;
  readonly control: TransformControl;
}

export interface TransformOptions {
  readonly logger?: Logger;
  readonly fault?: FaultPoint;
  readonly consumer?: Partial<ConsumerLimits>;
  /** between looks for batches that no pointer led to; default a minute */
  readonly reconcileMillis?: number;
  /** that staged files stay after they were replaced, for who reads them; default ten minutes */
  readonly retiredMillis?: number;
  /** the one catalog that this process owns; absent: all */
  readonly catalog?: string;
}

const minute = 60_000;

/**
 * Starts the one owner of all configured catalogs, or of one of them. It listens at once and takes catalogs over in the
 * background: `status` tells how far it is.
 *
 * @throws LazuliError `configuration_invalid` where all are refused, `in_use`; where it owns but one also what that one must
 *   not survive, such as `store_in_use`
 */
export async function startTransform(
  settings: Settings,
  {
    logger = processLogger('transform'),
    fault = noFaults,
    consumer: paces = {},
    reconcileMillis = minute,
    retiredMillis = 10 * minute,
    catalog,
  }: TransformOptions = {},
): Promise<TransformWorker> {
  const { http } = settings;
  const owned = ownedBy(settings, catalog);
  const { urlBytes } = settings.limits;
  const [objects, deadLetters] = await Promise.all([openStaging(settings), openDeadLetters(settings)]);
  const cluster = openSearchCluster(settings.opensearch.url);
  const catalogs = new Map<string, OwnedCatalog<OpenCatalog>>();
  let consumers: ReadonlyMap<string, Consumer> = new Map();
  const control = controlOf(owned, catalogs, () => shardsOf(consumers), logger);
  const address = { host: http.host, port: http.transform, urlBytes };
  const server = await listen(controlApp(control, { logger, urlBytes, hosts: hostNames(settings) }), address);
  const records = recordsFor(settings, objects);
  const times = { reconcileMillis, retiredMillis, copying: copyingOf(settings) };
  const shared = { objects, records, deadLetters, cluster, logger, fault, ...times };
  const alone = Object.keys(owned.catalogs).length === 1;
  try {
    for (const [name, { plugins }] of Object.entries(owned.catalogs)) {
      const open = async () => openCatalog(owned, name, await metadataPlugin(plugins.metadata.name, settings), shared);
      const one = new OwnedCatalog({ catalog: name, alone, open, clock: systemClock, logger });
      await one.take();
      catalogs.set(name, one);
    }
    expectNotAll(refusedOf(catalogs), catalogs.size);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const running = [...catalogs.values()].map((one) => one.run());
  const client = createKinesisClient(settings);
  consumers = startConsumers(catalogs, { settings, client, paces, deadLetters, fault, logger });
  const reported = { reports: reportsFor(settings), clock: systemClock, logger };
  const reporting = [...consumers].flatMap(([name, consumer]) => {
    const one = catalogs.get(name);
    const letters = new LetterCounts({ ...reported, count: lettersOfTransform(deadLetters, name) });
    return one === undefined ? [] : [reportCatalog(name, one, { ...reported, consumer, letters })];
  });
  const reading = [...consumers.values()];
  const stop = async (): Promise<void> => {
    for (const one of catalogs.values()) one.stop();
    await Promise.allSettled([...reading.map((one) => one.stop()), server.stop(), ...running]);
    await Promise.all(reporting.map((one) => one.stop()));
    for (const one of catalogs.values()) await one.close();
    await cluster.close();
    client.destroy();
  };
  return {
    url: server.url,
    done: Promise.all([...reading.map((one) => one.done), ...running]).then(() => undefined),
    stop,
    control,
  };
}

function refusedOf(catalogs: ReadonlyMap<string, OwnedCatalog<OpenCatalog>>): ReadonlyMap<string, LazuliError> {
  const refused = [...catalogs].map(([name, { refusal }]) => [name, refusal?.at({ catalog: name })] as const);
  return new Map(refused.flatMap(([name, refusal]) => (refusal === undefined ? [] : [[name, refusal]])));
}

function ownedBy(settings: Settings, catalog: string | undefined): Settings {
  if (catalog === undefined) return settings;
  const found = Object.entries(settings.catalogs).filter(([name]) => name === catalog);
  if (found.length === 0) notFound(`There is no catalog '${catalog}'`, Object.keys(settings.catalogs));
  return { ...settings, catalogs: Object.fromEntries(found) };
}

interface OpenCatalog extends Taken {
  readonly owner: CatalogOwner;
  readonly store: Store;
  readonly staged: StagedBatches;
  /** numbers by name */
  readonly entityTypes: ReadonlyMap<string, number>;
}

/** What all catalogs of a worker are worked on with. */
type Shared = Omit<
  CatalogContext,
  'deployment' | 'catalog' | 'plugin' | 'epoch' | 'index' | 'store' | 'clock' | 'limits'
>;

/** The epoch is taken once the store is ours, and before anything in it is looked at (architecture, invariant 9). */
async function openCatalog(
  { catalogs, deployment, folders, limits }: Settings,
  catalog: string,
  plugin: MetadataPlugin,
  shared: Shared,
): Promise<OpenCatalog> {
  const { index } = catalogs[catalog] as Catalog;
  const memory = { memoryBytes: limits.storeMemoryBytes, threads: limits.storeThreads };
  const file = join(folders.state, 'stores', `${catalog}.duckdb`);
  if (shared.copying !== null) await restoreStore({ ...shared, catalog }, file, storeLayout(plugin));
  const store = await Store.open(file, plugin, memory);
  try {
    const { epoch, before } = await takeEpoch(shared.records, catalog, `process ${process.pid}`, shared.objects);
    const own = { deployment, catalog, plugin, epoch, index, store };
    const context: CatalogContext = { ...shared, ...own, clock: systemClock, limits };
    const entityTypes = new Map(Object.keys(plugin.entityTypes).map((name) => [name, entityTypeNumber(plugin, name)]));
    return { owner: new CatalogOwner(context), before, store, staged: new StagedBatches(context), entityTypes };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function copyingOf({ copies }: Settings): CatalogContext['copying'] {
  return copies === undefined ? null : { millis: copies.minutes * minute, kept: copies.kept };
}

/** @param catalogs those that it has tried to take over so far, open or not */
function controlOf(
  owned: Settings,
  catalogs: ReadonlyMap<string, OwnedCatalog<OpenCatalog>>,
  shards: () => TransformStatusShards,
  logger: Logger,
): TransformControl {
  const find = (catalog: string): OpenCatalog => {
    const one = catalogs.get(catalog);
    return one?.open ?? notOpen(owned, catalog, one?.failure);
  };
  return {
    async status() {
      const found = await Promise.all([...catalogs].map(async ([name, one]) => [name, await statusOf(one)] as const));
      return { stage: 'transform', shards: shards(), catalogs: Object.fromEntries(found) };
    },
    async reindex(catalog) {
      const { owner } = find(catalog);
      owner.rebuild().catch((error: unknown) => logger.error({ err: error, catalog }, 'reindex failed'));
    },
    rollBack: async (catalog, generation) => find(catalog).owner.generations((keeper) => keeper.rollBack(generation)),
    runs: async (catalog) => find(catalog).owner.runs(),
    startRun: async (catalog, options) => find(catalog).owner.startRun(options),
    forecast: async (catalog, restriction) => find(catalog).owner.generations((keeper) => keeper.forecast(restriction)),
    cancelRun: async (catalog, id) => find(catalog).owner.cancelRun(id),
    resumeRun: async (catalog, id, accepts) => find(catalog).owner.resumeRun(id, accepts),
    verify: async (catalog, generation) => find(catalog).owner.generations((keeper) => keeper.verify(generation)),
    drop: async (catalog, generation) => find(catalog).owner.generations((keeper) => keeper.drop(generation)),
    replay: async (catalog, from) => find(catalog).owner.staged((upkeep) => upkeep.replay(from)),
    removeSource: async (catalog, source) => find(catalog).owner.staged((upkeep) => upkeep.remove(source)),
    async touch(catalog, entityType, entityId) {
      const { owner, entityTypes } = find(catalog);
      const number =
        entityTypes.get(entityType) ?? notFound(`There is no entity type '${entityType}'`, [...entityTypes.keys()]);
      await owner.touch({ entityType: number, entityId });
    },
  };
}

type TransformStatusShards = Awaited<ReturnType<TransformControl['status']>>['shards'];

/** Where not even counting is possible, the reason is told in the place of numbers. */
async function statusOf({ open, failure }: OwnedCatalog<OpenCatalog>): Promise<CatalogStatus> {
  if (open === null) return { ...nothingDone, pause: failure };
  const { owner, store, staged } = open;
  const progress = failure === null ? owner.progress : { ...owner.progress, state: 'paused' as const, pause: failure };
  try {
    return { ...progress, ...(await census(store, staged)) };
  } catch (error) {
    return { ...progress, pause: progress.pause ?? pauseOf(error, systemClock.now()) };
  }
}

/** Of a catalog that isn't taken over. */
const nothingDone: Omit<CatalogStatus, 'pause'> = {
  ...{ state: 'paused', epoch: 0, generation: null, layout: null, rebuild: null, failure: null },
  ...{ shards: null, kept: [], batchesLoaded: 0, documentsWritten: 0 },
};

function notOpen({ catalogs }: Settings, catalog: string, failure: Pause | null | undefined): never {
  if (!Object.hasOwn(catalogs, catalog)) notFound(`There is no catalog '${catalog}'`, Object.keys(catalogs));
  const why = failure
    ? `The store of ${catalog} isn't open: ${failure.reason}`
    : `The store of ${catalog} is being opened.`;
  throw new LazuliError('unavailable', why, { remedy: 'Ask again in a moment; its log says how far it is.' });
}

function notFound(message: string, known: readonly string[]): never {
  throw new LazuliError('not_found', message, { remedy: `Choose one of: ${known.join(', ')}.` });
}

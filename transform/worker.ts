import { join } from 'node:path';
import type { Catalog } from '../core/config/catalogs.ts';
import type { LazuliError } from '../core/config/errors.ts';
import { hostNames } from '../core/config/peers.ts';
import type { Settings } from '../core/config/settings.ts';
import { openDeadLetters, openStaging, recordsFor, reportsFor } from '../core/deployment/stores.ts';
import { operatorsApp } from '../core/http/operators-app.ts';
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
import type { BuilderPatience, CatalogContext } from './catalog/context.ts';
import { takeEpoch } from './catalog/epochs.ts';
import { restoreStore } from './copies/restore.ts';
import { shardsOf, startConsumers } from './loading/consumers.ts';
import { StagedBatches } from './loading/staged-batches.ts';
import { CatalogOwner } from './owner/catalog.ts';
import { buildingOf, controlApi, controlOf, notFound, type OpenCatalog } from './owner/control.ts';
import { OwnedCatalog } from './owner/owned-catalog.ts';
import { reportCatalog } from './owner/reporting.ts';
import { openSearchCluster } from './sink/search-cluster.ts';
import { entityTypeNumber } from './store/schema.ts';
import { Store, storeLayout } from './store/store.ts';

/** A transform process's part that runs until it is stopped. */
export interface TransformWorker {
  readonly url: string;
  /** Resolves when stopped. @throws what the worker must not survive */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

export interface TransformOptions {
  readonly logger?: Logger;
  readonly fault?: FaultPoint;
  readonly consumer?: Partial<ConsumerLimits>;
  /** between looks for batches that no pointer led to; default a minute */
  readonly reconcileMillis?: number;
  /** that staged files stay after they were replaced, for who reads them; default ten minutes */
  readonly retiredMillis?: number;
  /** how long it waits for builders */
  readonly patience?: BuilderPatience;
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
    patience,
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
  const parts = { settings: owned, catalogs, shards: () => shardsOf(consumers), logger };
  const control = controlApi(controlOf(parts), buildingOf(parts));
  const address = { host: http.host, port: http.transform, urlBytes };
  const server = await listen(operatorsApp(control, { logger, urlBytes, hosts: hostNames(settings) }), address);
  const records = recordsFor(settings, objects);
  const times = { reconcileMillis, retiredMillis, patience, copying: copyingOf(settings) };
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

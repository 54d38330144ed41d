import type { Settings } from '../../core/config/settings.ts';
import type { Repository } from '../../core/model/repository.ts';
import { Halts, halting } from '../../core/runs/halts.ts';
import { Purges } from '../../core/runs/purges.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import type { CheckpointStore } from '../../core/streams/checkpoints.ts';
import type { Consumer } from '../../core/streams/consumer.ts';
import { startConsumer } from '../../core/streams/driver.ts';
import type { RecordProcessorFactory } from '../../core/streams/processor.ts';
import { putRecords } from '../../core/streams/producer.ts';
import { IngestMeter } from '../../ingest/counts.ts';
import { IngestProcessor } from '../../ingest/processor.ts';
import type { CatalogContext } from '../../transform/catalog/context.ts';
import { takeEpoch } from '../../transform/catalog/epochs.ts';
import { PointerProcessor } from '../../transform/loading/processor.ts';
import { StagedBatches } from '../../transform/loading/staged-batches.ts';
import { CatalogOwner } from '../../transform/owner/catalog.ts';
import { Store } from '../../transform/store/store.ts';
import { orchard } from '../rigs/models/orchard.ts';
import type { SimulatedKinesis } from './kinesis.ts';
import { Life } from './life.ts';
import type { SimulatedObjects } from './objects.ts';
import type { SimulatedSearch } from './search.ts';
import type { VirtualTime } from './time.ts';

export const catalog = 'sim';
export const streams = { notifications: 'notifications', batches: 'batches' } as const;

/** What all processes of a simulation share: what outlives them. */
export interface Surroundings {
  readonly deployment: string;
  readonly time: VirtualTime;
  readonly kinesis: SimulatedKinesis;
  readonly objects: SimulatedObjects;
  readonly letters: SimulatedObjects;
  readonly search: SimulatedSearch;
  readonly checkpoints: CheckpointStore;
  readonly repository: Repository;
  readonly limits: Settings['limits'];
}

/** Virtual milliseconds between looks for what no pointer led to, and that replaced files stay. */
export const reconcileMillis = 60_000;
export const retiredMillis = 30_000;

/** Few records at a time, so that there is much in between. */
const paces = {
  ...{ pollMillis: 1000, idleMillis: 1000, discoveryMillis: 3_600_000, recordsPerRead: 4 },
  backoff: { baseMillis: 100, capMillis: 2_000 },
};

/** A worker as a process that can be killed. */
export interface SimulatedWorker {
  readonly life: Life;
  readonly consumer: Consumer;
  /** why it has ended by itself; null while it hasn't */
  readonly failure: () => unknown;
}

export function startIngest(around: Surroundings): SimulatedWorker {
  const { time, kinesis, objects, limits, repository: fetched } = around;
  const life = new Life('ingest', time);
  const clock = time.clock(life);
  const [store, client] = [objects.seenBy(life), kinesis.client(life)];
  const [halts, purges] = [new Halts(store, clock), new Purges(store, clock)];
  const repository: Repository = {
    ...fetched,
    fetchBundle: (...which) => life.reach('repository', () => fetched.fetchBundle(...which)),
  };
  const ports = {
    catalogs: new Map([[catalog, { name: catalog, plugin: orchard, repository }]]),
    ...{ store, limits, clock, fault: life.fault, meter: new IngestMeter(() => clock.now()) },
    deadLetters: lettersIn(around, life),
    purgedUntil: () => purges.until(),
    putPointer: async (pointer: { catalog: string }) => {
      const data = Buffer.from(JSON.stringify(pointer), 'utf8');
      await putRecords(client, streams.batches, [{ partitionKey: pointer.catalog, data }], { clock });
    },
  };
  const factory = () => halting(new IngestProcessor(ports), halts, 'ingest');
  return watched(life, consume(around, life, streams.notifications, factory), []);
}

/** A transform worker: the owner of the catalog, and who hands it pointers. */
export interface SimulatedTransform extends SimulatedWorker {
  readonly owner: CatalogOwner;
  readonly staged: StagedBatches;
  readonly store: Store;
  /** the file of its store */
  readonly file: string;
}

export async function startTransform(around: Surroundings, file: string): Promise<SimulatedTransform> {
  const { time, objects, search, deployment, limits } = around;
  const life = new Life('transform', time);
  const clock = time.clock(life);
  const opened = await Store.open(file, orchard, { memoryBytes: limits.storeMemoryBytes, threads: 1 });
  const store = ofProcess(opened, life);
  const [staging, deadLetters] = [objects.seenBy(life), lettersIn(around, life)];
  const { epoch, before } = await taken(staging, opened);
  const context: CatalogContext = {
    ...{
      deployment,
      catalog,
      plugin: orchard,
      epoch,
      store,
      clock,
      limits,
      reconcileMillis,
      retiredMillis,
      deadLetters,
    },
    ...{
      objects: staging,
      records: staging,
      copying: null,
      cluster: search.seenBy(life),
      logger: noLogger,
      fault: life.fault,
    },
  };
  const owner = new CatalogOwner(context);
  const factory = () => new PointerProcessor({ catalog, owner, known: [catalog], deadLetters, fault: life.fault });
  const running = owner.run(before);
  const consumer = consume(around, life, streams.batches, factory);
  return { ...watched(life, consumer, [running]), owner, staged: new StagedBatches(context), store: opened, file };
}

/** A worker that can't take the catalog over ends. */
async function taken(staging: ObjectStore, store: Store) {
  try {
    return await takeEpoch(staging, catalog, 'a simulated process');
  } catch (error) {
    await store.close();
    throw error;
  }
}

function consume(around: Surroundings, life: Life, stream: string, factory: RecordProcessorFactory): Consumer {
  const { kinesis, checkpoints, time } = around;
  const reached: CheckpointStore = {
    get: (...which) => life.reach('object', () => checkpoints.get(...which)),
    put: (...which) => life.reach('object', () => checkpoints.put(...which)),
  };
  return startConsumer({
    ...paces,
    ...{ client: kinesis.client(life), stream, factory, checkpoints: reached, logger: noLogger },
    clock: time.clock(life),
  });
}

/** A worker that fails ends its process. */
function watched(life: Life, consumer: Consumer, running: readonly Promise<void>[]): SimulatedWorker {
  let failure: unknown = null;
  for (const work of [consumer.done, ...running]) {
    work.catch((error: unknown) => {
      if (!life.alive) return;
      failure = error;
      life.kill();
    });
  }
  return { life, consumer, failure: () => failure };
}

function lettersIn({ letters, time }: Surroundings, life: Life): StoredDeadLetters {
  return new StoredDeadLetters(letters.seenBy(life), () => time.now());
}

/**
 * A store of which a process that has died asks nothing more, and hears nothing. Every statement is one of the process,
 * those that begin and end transactions, too: to close a store while one runs is the end of all.
 */
export function ofProcess(store: Store, life: Life): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'scratchFile') return target.scratchFile.bind(target);
      if (name === 'transaction') return target.transaction;
      const member = Reflect.get(target, name, target) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => life.statement(() => member.apply(target, args));
    },
  });
}

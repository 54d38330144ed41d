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
import { statementError } from '../../transform/store/failures.ts';
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
  readonly disk: SimulatedDisk;
}

/** The disk on which stores are. It is full for so many of the next statements. */
export interface SimulatedDisk {
  full: number;
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

/** What is known of a process before it starts. */
export interface Fate {
  /** by how many milliseconds its clock is ahead */
  readonly ahead: number;
  /** it dies while it waits for the n-th thing that it asks for; null: it doesn't */
  readonly asks: number | null;
}

function begun(name: string, time: VirtualTime, { ahead, asks }: Fate): Life {
  const life = new Life(name, time);
  life.ahead = ahead;
  if (asks !== null) life.dieAfter(asks);
  return life;
}

export function startIngest(around: Surroundings, fate: Fate): SimulatedWorker {
  const { time, kinesis, objects, limits, repository: fetched } = around;
  const life = begun('ingest', time, fate);
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

/** @returns null where it dies before it is one */
export async function startTransform(
  around: Surroundings,
  file: string,
  fate: Fate,
): Promise<SimulatedTransform | null> {
  const { time, objects, search, deployment, limits, disk } = around;
  const life = begun('transform', time, fate);
  const clock = time.clock(life);
  const opened = await Store.open(file, orchard, { memoryBytes: limits.storeMemoryBytes, threads: 1 });
  const store = ofProcess(opened, life, disk);
  const [staging, deadLetters] = [objects.seenBy(life), lettersIn(around, life)];
  const epochs = await Promise.race([taken(staging, opened), life.ended]);
  if (epochs === undefined) return abandoned(time, opened);
  const { epoch, before } = epochs;
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
      cluster: search.seenBy(life, clock),
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

async function abandoned(time: VirtualTime, store: Store): Promise<null> {
  await time.quiet();
  await store.close();
  return null;
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
export function ofProcess(store: Store, life: Life, disk: SimulatedDisk = { full: 0 }): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'scratchFile') return target.scratchFile.bind(target);
      if (name === 'transaction') return target.transaction;
      const member = Reflect.get(target, name, target) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) =>
        life.statement(async () => {
          if (name === 'run') takeRoom(disk, String(args[0]));
          return member.apply(target, args);
        });
    },
  });
}

/** To end a transaction takes no room. */
function takeRoom(disk: SimulatedDisk, sql: string): void {
  if (disk.full === 0 || /^(ROLLBACK|DETACH)/.test(sql)) return;
  disk.full--;
  throw statementError(sql, new Error('IO Error: Could not write file: No space left on device'));
}

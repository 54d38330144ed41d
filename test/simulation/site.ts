import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import { settingsSchema } from '../../core/config/settings.ts';
import { Halts } from '../../core/runs/halts.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import type { CheckpointStore } from '../../core/streams/checkpoints.ts';
import { openSearchCluster, type SearchCluster } from '../../transform/sink/search-cluster.ts';
import { SimulatedKinesis } from './kinesis.ts';
import { Life } from './life.ts';
import { SimulatedObjects } from './objects.ts';
import { SimulatedRepository } from './repository.ts';
import { type Loses, SimulatedSearch } from './search.ts';
import type { Role, StoreAfter } from './steps.ts';
import { VirtualTime } from './time.ts';
import {
  type Fate,
  type SimulatedTransform,
  type SimulatedWorker,
  type Surroundings,
  startIngest,
  startTransform,
  streams,
} from './workers.ts';

/** Few bundles in a batch, few documents in a part of a build: so there is much between which something can happen. */
const limits = settingsSchema.shape.limits.parse({
  ...{ batchBundles: 3, batchMillis: 500, bucketLinks: 48, keptGenerations: 1 },
  storeMemoryBytes: 128 * 2 ** 20,
});

/** Bytes that the files of a simulation may take: containers often have less in memory. */
const room = 2 ** 30;

/** Where files are in memory, if there is room: a simulation loses nothing that it needs, and writes to disk take long. */
function fastFolder(): string {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > room ? memory : tmpdir();
}

/** Engines, what is durable, and the workers of the moment. */
export class Site {
  readonly around: Surroundings & { readonly repository: SimulatedRepository };
  readonly cluster: SearchCluster;
  /** who notifies, asks and looks: nothing happens to it */
  readonly operator: Life;
  readonly staging: ObjectStore;
  readonly halts: Halts;
  readonly #folder: string;
  #ingest: SimulatedWorker | null = null;
  #transform: SimulatedTransform | null = null;
  /** what the next transform worker finds */
  #storeAfter: StoreAfter = 'same';
  /** stores of the last workers that have ended, the latest last */
  readonly #left: string[] = [];
  #files = 0;
  #noStart: string | null = null;
  /** how many things the next worker asks for before it dies, by role */
  readonly #asks = new Map<Role, number>();
  /** by how many milliseconds the clock of a role's machine is ahead */
  readonly #ahead = new Map<Role, number>();
  /** workers that were replaced and don't know it */
  #replaced: SimulatedTransform[] = [];
  /** what must not happen, in words */
  readonly complaints: string[] = [];

  private constructor(cluster: SearchCluster, folder: string, loses: Loses | null) {
    const time = new VirtualTime();
    const now = (): number => time.now();
    const objects = new SimulatedObjects(join(folder, 'staging'));
    this.cluster = cluster;
    this.#folder = folder;
    this.operator = new Life('operator', time);
    this.staging = objects.seenBy(this.operator, []);
    this.halts = new Halts(this.staging, time.clock(this.operator));
    this.around = {
      ...{ deployment: `s${randomBytes(6).toString('hex')}`, time, objects, limits, disk: { full: 0 } },
      kinesis: new SimulatedKinesis({ [streams.notifications]: 2, [streams.batches]: 1 }, now),
      letters: new SimulatedObjects(join(folder, 'letters')),
      search: new SimulatedSearch(cluster, loses),
      checkpoints: inMemory(),
      repository: new SimulatedRepository(),
    };
  }

  /** @param loses see `SimulatedSearch` */
  static async open(opensearch: string, loses: Loses | null = null): Promise<Site> {
    const folder = mkdtempSync(join(fastFolder(), 'lazuli-simulation-'));
    const site = new Site(openSearchCluster(opensearch), folder, loses);
    await site.revive();
    return site;
  }

  /** why a transform worker can't start; null where one can */
  get noStart(): string | null {
    return this.#noStart;
  }

  /** null where it has ended, and nobody has revived it yet */
  get transform(): SimulatedTransform | null {
    return this.#transform;
  }

  get ingest(): SimulatedWorker | null {
    return this.#ingest;
  }

  /** Starts workers in the place of those that have ended. */
  async revive(): Promise<void> {
    await this.#bury();
    this.#ingest ??= startIngest(this.around, this.#fateOf('ingest'));
    this.#transform ??= await this.#start();
  }

  async kill(role: Role, store: StoreAfter): Promise<void> {
    if (role === 'transform') this.#storeAfter = store;
    (role === 'transform' ? this.#transform : this.#ingest)?.life.kill();
    await this.#bury();
  }

  dieAt(role: Role, point: string, hits: number, store: StoreAfter): void {
    if (role === 'transform') this.#storeAfter = store;
    (role === 'transform' ? this.#transform : this.#ingest)?.life.dieAt(point, hits);
  }

  /** The worker dies, and so does the next one, while it waits for the n-th thing that it asks for: as it starts, say. */
  async killStarting(role: Role, asks: number, store: StoreAfter): Promise<void> {
    this.#asks.set(role, asks);
    await this.kill(role, store);
  }

  /** The clock of a role's machine is wrong from now on. */
  setClock(role: Role, ahead: number): void {
    this.#ahead.set(role, ahead);
    const worker = role === 'transform' ? this.#transform : this.#ingest;
    if (worker !== null) worker.life.ahead = ahead;
  }

  /** For one start. */
  #fateOf(role: Role): Fate {
    const asks = this.#asks.get(role) ?? null;
    this.#asks.delete(role);
    return { ahead: this.#ahead.get(role) ?? 0, asks };
  }

  /** Another machine begins to do what the transform worker goes on to do. */
  async takeOver(store: StoreAfter): Promise<void> {
    if (this.#transform === null) return;
    this.#replaced.push(this.#transform);
    this.#transform = null;
    this.#storeAfter = store === 'same' ? 'lost' : store;
    this.#transform = await this.#start();
  }

  /** What was held goes on, of whomever. */
  release(): void {
    for (const { life } of [...this.#replaced, ...this.#living()]) life.release();
    for (const life of this.#dead.splice(0)) life.release();
  }

  /** Nothing fails any more. @param mends whether what is damaged is as it was */
  calm(mends = true): void {
    const { kinesis, objects, search, repository, disk } = this.around;
    if (mends) objects.mend();
    for (const { faults } of [kinesis, objects, search, repository] as const) faults.length = 0;
    disk.full = 0;
    this.#asks.clear();
    for (const { life } of this.#living()) life.spare();
  }

  /** Workers that were replaced end, if they haven't by themselves. */
  async endReplaced(): Promise<void> {
    for (const worker of this.#replaced.splice(0)) {
      const { life, store } = worker;
      if (!isSuperseded(worker.failure())) this.#note(worker);
      life.kill();
      await this.around.time.quiet();
      await store.close();
      this.around.time.forget(life);
    }
  }

  async dispose(): Promise<void> {
    for (const { life } of this.#living()) life.kill();
    this.release();
    await this.#bury();
    await this.endReplaced();
    await this.cluster.request('DELETE', `/lazuli_${this.around.deployment}_*`);
    await this.cluster.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  readonly #dead: Life[] = [];

  #living(): readonly SimulatedWorker[] {
    return [this.#ingest, this.#transform].filter((worker) => worker !== null);
  }

  /** What is left of workers that have ended is put away. What they asked for may still arrive. */
  async #bury(): Promise<void> {
    for (const worker of this.#living()) {
      if (worker.life.alive) continue;
      this.#note(worker);
      this.#dead.push(worker.life);
      if (worker === this.#ingest) this.#ingest = null;
      else if (this.#transform !== null) await this.#putAway(this.#transform);
    }
  }

  async #putAway({ store, file }: SimulatedTransform): Promise<void> {
    this.#transform = null;
    await this.around.time.quiet();
    await store.close();
    this.#left.push(file);
    for (const unused of this.#left.splice(0, this.#left.length - 2)) rmSync(unused);
  }

  /** Only who was replaced may find that out. */
  #note({ life, failure }: SimulatedWorker): void {
    const error = failure();
    if (error !== null) this.complaints.push(`${life.name} ended: ${describe(error)}`);
  }

  async #start(): Promise<SimulatedTransform | null> {
    const file = this.#storeFile();
    try {
      const started = await startTransform(this.around, file, this.#fateOf('transform'));
      if (started === null) this.#left.push(file);
      this.#storeAfter = 'same';
      this.#noStart = null;
      return started;
    } catch (error) {
      if (!(error instanceof LazuliError && error.disposition === 'pause')) throw error;
      this.#noStart = describe(error);
      return null;
    }
  }

  #storeFile(): string {
    const last = this.#left.at(-1);
    const older = this.#left.at(-2);
    const from = { same: last, older: older ?? last, lost: undefined }[this.#storeAfter];
    const file = this.#newFile();
    if (from !== undefined && existsSync(from)) copyFileSync(from, file);
    return file;
  }

  #newFile(): string {
    return join(this.#folder, `store-${++this.#files}.duckdb`);
  }
}

const isSuperseded = (error: unknown): boolean => error instanceof LazuliError && error.code === 'superseded';

export const describe = (error: unknown): string =>
  error instanceof LazuliError ? `${error.code}: ${error.message}` : String((error as Error).stack ?? error);

function inMemory(): CheckpointStore {
  const saved = new Map<string, string>();
  const keyOf = (stream: string, shardId: string): string => `${stream} ${shardId}`;
  return {
    get: async ({ name }, shardId) => saved.get(keyOf(name, shardId)) ?? null,
    put: async ({ name }, shardId, checkpoint) => void saved.set(keyOf(name, shardId), checkpoint),
  };
}

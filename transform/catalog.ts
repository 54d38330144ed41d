import { LazuliError } from '../config/errors.ts';
import type { MetadataPlugin } from '../plugins/metadata.ts';
import { type Backoff, fullJitter } from '../streams/backoff.ts';
import type { DeadLetters } from '../streams/dead-letters.ts';
import type { Logger } from '../streams/logger.ts';
import type { Clock, FaultPoint, ObjectStore } from '../streams/ports.ts';
import { Emission, type EntityKey, type Target } from './emission.ts';
import { Loading, maxBatchesAtOnce } from './loading.ts';
import { Outbox } from './outbox.ts';
import { Rebuild } from './rebuild.ts';
import {
  createGeneration,
  dropGeneration,
  type GenerationsOf,
  listGenerations,
  refreshGeneration,
  swapGenerations,
} from './sink/generations.ts';
import { versionOf } from './sink/outcome.ts';
import type { SearchCluster } from './sink/search-cluster.ts';
import { type Pause, Sink } from './sink/sink.ts';
import type { Store } from './store/store.ts';
import { Writing } from './writing.ts';

/** What the owner of a catalog works with. */
export interface CatalogParts {
  readonly deployment: string;
  readonly catalog: string;
  readonly plugin: MetadataPlugin;
  readonly store: Store;
  readonly objects: ObjectStore;
  readonly deadLetters: DeadLetters;
  readonly cluster: SearchCluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fault: FaultPoint;
  readonly limits: { readonly documentBytes: number; readonly bulkBytes: number; readonly bulkConcurrency: number };
  /** between looks for batches that no pointer led to (invariant 1) */
  readonly reconcileMillis: number;
}

/** How far a rebuild is. */
export interface RebuildProgress {
  readonly generation: number;
  readonly done: number;
  readonly expected: number;
  /** milliseconds since the epoch */
  readonly started: number;
}

export type CatalogState = 'starting' | 'idle' | 'loading' | 'writing' | 'rebuilding' | 'paused' | 'stopped';

/** In memory; counts since the process started. */
export interface CatalogProgress {
  readonly state: CatalogState;
  readonly pause: Pause | null;
  readonly epoch: number;
  readonly generation: number | null;
  readonly rebuild: RebuildProgress | null;
  readonly batchesLoaded: number;
  readonly documentsWritten: number;
}

const backoff: Backoff = { baseMillis: 50, capMillis: 5_000 };
/** Bodies in flight or waiting during a rebuild: bounds memory. */
const maxBuiltAhead = 2;

/**
 * The one owner of a catalog: loads batches, writes what they touched, rebuilds. All work on the store
 * is done one step after the other; a step that can't go on pauses, is visible in `progress` and
 * tried again.
 */
export class CatalogOwner {
  readonly #parts: CatalogParts;
  readonly #of: GenerationsOf;
  readonly #epoch: number;
  readonly #emission: Emission;
  readonly #loading: Loading;
  readonly #outbox: Outbox;
  readonly #stop = new AbortController();
  #interruption = new AbortController();
  #state: CatalogState = 'starting';
  #pause: Pause | null = null;
  #generation: number | null = null;
  #rebuild: RebuildProgress | null = null;
  #batchesLoaded = 0;
  #documentsWritten = 0;
  #commit = 0;
  /** commit up to which everything is written */
  #written = 0;
  readonly #requests: Request[] = [];
  #rebuildRequests: Settle[] = [];
  #wake: () => void = () => undefined;
  #nextReconcile = 0;

  constructor(parts: CatalogParts, epoch: number) {
    this.#parts = parts;
    this.#epoch = epoch;
    this.#of = { cluster: parts.cluster, deployment: parts.deployment, catalog: parts.catalog, plugin: parts.plugin };
    this.#emission = new Emission(parts.store, parts.plugin, parts.limits);
    this.#loading = new Loading(parts);
    this.#outbox = new Outbox(parts.store, parts.clock);
  }

  get progress(): CatalogProgress {
    return {
      state: this.#pause === null ? this.#state : 'paused',
      pause: this.#pause,
      epoch: this.#epoch,
      generation: this.#generation,
      rebuild: this.#rebuild,
      batchesLoaded: this.#batchesLoaded,
      documentsWritten: this.#documentsWritten,
    };
  }

  /**
   * Works until stopped.
   *
   * @param before the epoch before this worker's: a store of any other epoch is not the one that wrote the index
   * @throws the error that must not be survived
   */
  async run(before: number): Promise<void> {
    try {
      await this.#patiently(() => this.#take(before));
      while (!this.#stop.signal.aborted) await this.#patiently(() => this.#step());
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      this.#state = 'stopped';
      const stopped = new LazuliError('unavailable', `The worker of ${this.#parts.catalog} has stopped`);
      for (const { reject } of [...this.#requests.splice(0), ...this.#rebuildRequests.splice(0)]) reject(stopped);
    }
  }

  stop(): void {
    this.#stop.abort(new LazuliError('unavailable', `The worker of ${this.#parts.catalog} is stopping`));
    this.#wake();
  }

  /** @returns the commit that has to be written for the batches to be searchable */
  load(batches: readonly string[]): Promise<number> {
    return this.#request((settle) => this.#requests.push({ ...settle, batches }));
  }

  /** Whether everything up to a commit is written. */
  isWritten(commit: number): boolean {
    return this.#written >= commit;
  }

  /** Has a document computed and written again; resolves when that is certain to happen. */
  touch(entity: EntityKey): Promise<number> {
    return this.#request((settle) => this.#requests.push({ ...settle, entity }));
  }

  /** Builds a fresh generation from the store and lets it serve; resolves when it does. */
  rebuild(): Promise<number> {
    const done = this.#request((settle) => this.#rebuildRequests.push(settle));
    this.#interruption.abort(new Interrupted());
    return done;
  }

  #request(enqueue: (settle: Settle) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#stop.signal.aborted) return reject(this.#stop.signal.reason);
      enqueue({ resolve, reject });
      this.#wake();
    });
  }

  /** Retries what may succeed later, for as long as it takes. */
  async #patiently(work: () => Promise<void>): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        await work();
        return this.#onPause(null);
      } catch (error) {
        if (error instanceof Interrupted) return this.#onPause(null);
        if (this.#stop.signal.aborted || !(error instanceof LazuliError)) throw error;
        if (error.disposition !== 'pause' && error.disposition !== 'retry') throw error;
        this.#onPause({ reason: error.message, since: this.#pause?.since ?? this.#parts.clock.now() });
        await this.#parts.clock.sleep(fullJitter(failures, backoff), this.#stop.signal);
      }
    }
  }

  #onPause(pause: Pause | null): void {
    if (pause?.reason !== this.#pause?.reason) {
      if (pause) this.#parts.logger.warn({ catalog: this.#parts.catalog, reason: pause.reason }, 'paused');
      else this.#parts.logger.info({ catalog: this.#parts.catalog }, 'going on');
    }
    this.#pause = pause;
  }

  /** Takes the catalog over: a store that isn't the one that wrote the serving generation gives a fresh one. */
  async #take(before: number): Promise<void> {
    const { store, plugin } = this.#parts;
    const known = await store.meta('epoch');
    this.#commit = Number((await store.meta('commit')) ?? 0);
    await this.#emission.prepare();
    await this.#reconcile();
    const generations = await listGenerations(this.#of);
    const serving = generations.find(({ serves }) => serves);
    const whole = serving?.indices.length === Object.keys(plugin.entityTypes).length;
    this.#generation = serving?.number ?? null;
    const same = known === String(before) && whole && (await store.meta('generation')) === String(serving?.number);
    if (!same) await this.#rebuildNow();
    await store.setMeta('epoch', String(this.#epoch));
    this.#written = (await this.#outbox.oldest()) === null ? this.#commit : 0;
  }

  async #step(): Promise<void> {
    if (this.#rebuildRequests.length > 0) return this.#answerRebuilds();
    const requests = this.#requests.splice(0, maxBatchesAtOnce);
    if (requests.length > 0) await this.#answer(requests);
    if (this.#parts.clock.now() >= this.#nextReconcile) await this.#reconcile();
    const wrote = await this.#emit();
    if (!wrote && this.#requests.length === 0) await this.#rest();
  }

  async #rest(): Promise<void> {
    this.#state = 'idle';
    const left = Math.max(0, this.#nextReconcile - this.#parts.clock.now());
    const until = Math.min(this.#outbox.restLeft() ?? left, left);
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    if (this.#requests.length > 0 || this.#rebuildRequests.length > 0 || this.#stop.signal.aborted) return;
    await this.#parts.clock.sleep(until, woken.signal).catch((reason) => {
      if (!woken.signal.aborted) throw reason;
    });
  }

  async #answer(requests: readonly Request[]): Promise<void> {
    try {
      await this.#loadAll(requests.flatMap(({ batches }) => batches ?? []));
      for (const { entity } of requests) if (entity) await this.#touchNow(entity);
      for (const { resolve } of requests) resolve(this.#commit);
    } catch (error) {
      this.#requests.unshift(...requests);
      throw error;
    }
  }

  async #touchNow(entity: EntityKey): Promise<void> {
    await this.#parts.store.transaction(async () => this.#outbox.touch(entity, await this.#nextCommit()));
  }

  async #reconcile(): Promise<void> {
    await this.#loadAll(await this.#loading.unloaded());
    this.#nextReconcile = this.#parts.clock.now() + this.#parts.reconcileMillis;
  }

  async #loadAll(batches: readonly string[]): Promise<void> {
    this.#state = 'loading';
    for (let i = 0; i < batches.length; i += maxBatchesAtOnce) {
      this.#batchesLoaded += await this.#loading.load(batches.slice(i, i + maxBatchesAtOnce), () => this.#nextCommit());
      this.#parts.fault('transform.loaded');
    }
  }

  /** In a transaction. */
  async #nextCommit(): Promise<number> {
    this.#commit++;
    await this.#parts.store.setMeta('commit', String(this.#commit));
    return this.#commit;
  }

  /** @returns whether there was anything to write */
  async #emit(): Promise<boolean> {
    const { store, clock } = this.#parts;
    const generation = this.#generation;
    if (generation === null) return false;
    const started = clock.now();
    const taken = await store.transaction(async () => {
      const { wanted, hot } = await this.#outbox.take();
      if (wanted === 0) return null;
      this.#state = 'writing';
      const target = this.#target(generation, await this.#nextCommit());
      await this.#emission.compute();
      return {
        wanted,
        hot,
        target,
        bodies: await this.#emission.bodies(target),
        large: await this.#emission.tooLarge(),
      };
    });
    if (taken === null) {
      if ((await this.#outbox.oldest()) === null) this.#written = this.#commit;
      return false;
    }
    this.#parts.fault('transform.computed');
    this.#interruption = new AbortController();
    await this.#writing(AbortSignal.any([this.#interruption.signal, this.#stop.signal])).write(
      taken.target,
      taken.bodies,
      taken.large,
    );
    this.#parts.fault('transform.written');
    await store.transaction(() => this.#outbox.acknowledge());
    this.#parts.fault('transform.acknowledged');
    this.#documentsWritten += taken.wanted;
    if (taken.hot !== null) this.#outbox.rest(taken.hot, clock.now() - started);
    const oldest = await this.#outbox.oldest();
    this.#written = oldest === null ? this.#commit : oldest - 1;
    return true;
  }

  async #answerRebuilds(): Promise<void> {
    await this.#reconcile();
    await this.#rebuildNow();
    for (const { resolve } of this.#rebuildRequests.splice(0)) resolve(this.#commit);
  }

  async #rebuildNow(): Promise<void> {
    const { store, clock, fault } = this.#parts;
    this.#state = 'rebuilding';
    const generations = await listGenerations(this.#of);
    for (const unused of generations.filter(({ serves }) => !serves)) await dropGeneration(this.#of, unused);
    const serving = generations.find(({ serves }) => serves);
    const number = Math.max(0, ...generations.map((generation) => generation.number)) + 1;
    await createGeneration(this.#of, number);
    const commit = await store.transaction(() => this.#nextCommit());
    const rebuild = new Rebuild(store, this.#emission);
    const expected = await rebuild.plan();
    this.#rebuild = { generation: number, done: 0, expected, started: clock.now() };
    await this.#writeAll(rebuild, this.#target(number, commit));
    await refreshGeneration(this.#of, number);
    fault('transform.rebuilt');
    await swapGenerations(this.#of, serving ?? null, number);
    fault('transform.swapped');
    await store.transaction(async () => {
      await store.setMeta('generation', String(number));
      await store.run(`DELETE FROM outbox WHERE commit <= ${commit}`);
    });
    this.#generation = number;
    this.#written = commit;
    this.#rebuild = null;
    if (serving) await dropGeneration(this.#of, { ...serving, serves: false });
  }

  /** While buckets are written, the next ones are computed. */
  async #writeAll(rebuild: Rebuild, target: Target): Promise<void> {
    const writing = this.#writing(this.#stop.signal);
    const inFlight: Promise<void>[] = [];
    for await (const { documents, bodies, large } of rebuild.build(target)) {
      this.#parts.fault('transform.bucket-built');
      if (inFlight.length >= maxBuiltAhead) await inFlight.shift();
      const written = writing.write(target, bodies, large).then(() => this.#built(documents));
      written.catch(() => undefined); // it is awaited above or below, perhaps after others
      inFlight.push(written);
    }
    await Promise.all(inFlight);
  }

  #built(documents: number): void {
    this.#documentsWritten += documents;
    if (this.#rebuild) this.#rebuild = { ...this.#rebuild, done: this.#rebuild.done + documents };
  }

  #target(generation: number, commit: number): Target {
    const { deployment, catalog } = this.#parts;
    return { deployment, catalog, generation, version: versionOf(this.#epoch, commit) };
  }

  #writing(signal: AbortSignal): Writing {
    const { cluster, clock, deadLetters, limits } = this.#parts;
    const onPause = (pause: Pause | null): void => this.#onPause(pause);
    const sink = new Sink(
      { cluster, clock, backOff: (attempt) => fullJitter(attempt, backoff), onPause, signal },
      limits.bulkConcurrency,
    );
    return new Writing({ emission: this.#emission, sink, deadLetters, documentBytes: limits.documentBytes });
  }
}

interface Settle {
  readonly resolve: (commit: number) => void;
  readonly reject: (reason: unknown) => void;
}

interface Request extends Settle {
  readonly batches?: readonly string[];
  readonly entity?: EntityKey;
}

/** Writing was given up for a rebuild: what is in the outbox stays there. */
class Interrupted extends Error {}

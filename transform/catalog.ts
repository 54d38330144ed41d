import { LazuliError } from '../config/errors.ts';
import { fullJitter } from '../streams/backoff.ts';
import type { CatalogParts, CatalogProgress, CatalogState } from './catalog-parts.ts';
import { Commits } from './commits.ts';
import { Emission, type EntityKey, type Target } from './emission.ts';
import { expectOwned } from './epochs.ts';
import { buildGeneration, dropUnused, indexGone, type RebuildProgress } from './generation-build.ts';
import { indexLayoutVersion } from './index-layout.ts';
import { Loading, maxBatchesAtOnce } from './loading.ts';
import { Outbox } from './outbox.ts';
import { attemptBackoff, Interrupted, Patience } from './patience.ts';
import { type Request, Requests } from './requests.ts';
import { type GenerationsOf, listGenerations, refreshGeneration } from './sink/generations.ts';
import { versionOf } from './sink/outcome.ts';
import { type Pause, Sink } from './sink/sink.ts';
import { writeTouched } from './touched.ts';
import { Writing } from './writing.ts';

/** Longer than any request to the service takes. */
const retirementMillis = 60_000;

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
  readonly #commits: Commits;
  readonly #patience: Patience;
  readonly #stop = new AbortController();
  #interruption = new AbortController();
  #state: CatalogState = 'starting';
  #generation: number | null = null;
  #rebuild: RebuildProgress | null = null;
  #batchesLoaded = 0;
  #documentsWritten = 0;
  /** whether searches may not see yet what was written */
  #unseen = false;
  /** commit up to which everything is written */
  #written = 0;
  readonly #requests = new Requests();
  #nextReconcile = 0;
  /** when a generation ceased to serve, milliseconds since the epoch; null once it is dropped */
  #retired: number | null = null;

  constructor(parts: CatalogParts, epoch: number) {
    this.#parts = parts;
    this.#epoch = epoch;
    this.#of = { cluster: parts.cluster, deployment: parts.deployment, catalog: parts.catalog, plugin: parts.plugin };
    this.#emission = new Emission(parts.store, parts.plugin, parts.limits);
    this.#loading = new Loading(parts);
    this.#outbox = new Outbox(parts.store, parts.clock);
    this.#commits = new Commits(parts.store);
    this.#patience = new Patience(parts.clock, parts.logger, parts.catalog, this.#stop.signal);
  }

  get progress(): CatalogProgress {
    return {
      state: this.#patience.pause === null ? this.#state : 'paused',
      pause: this.#patience.pause,
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
      await this.#patience.run(() => this.#take(before));
      while (!this.#stop.signal.aborted) await this.#patience.run(() => this.#step());
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      this.#state = 'stopped';
      const stopped = new LazuliError('unavailable', `The worker of ${this.#parts.catalog} has stopped`);
      this.#requests.close(stopped);
      this.#requests.abandon(stopped);
    }
  }

  stop(): void {
    const stopping = new LazuliError('unavailable', `The worker of ${this.#parts.catalog} is stopping`);
    this.#stop.abort(stopping);
    this.#requests.close(stopping);
  }

  /** @returns the commit that has to be written for the batches to be searchable */
  load(batches: readonly string[]): Promise<number> {
    return this.#requests.load(batches);
  }

  /** Whether everything up to a commit is written. */
  isWritten(commit: number): boolean {
    return this.#written >= commit;
  }

  /** Has a document computed and written again; resolves when that is certain to happen. */
  touch(entity: EntityKey): Promise<number> {
    return this.#requests.touch(entity);
  }

  /** Builds a fresh generation from the store and lets it serve; resolves when it does. */
  rebuild(): Promise<number> {
    const done = this.#requests.rebuild();
    this.#interruption.abort(new Interrupted());
    return done;
  }

  /** Takes the catalog over: a store that didn't write the serving generation, as indices are laid out now, gives a fresh one. */
  async #take(before: number): Promise<void> {
    const { store, plugin } = this.#parts;
    const known = await store.meta('epoch');
    await this.#commits.read();
    await this.#emission.prepare();
    await this.#reconcile();
    const generations = await listGenerations(this.#of);
    const serving = generations.find(({ serves }) => serves);
    const whole = serving?.indices.length === Object.keys(plugin.entityTypes).length;
    this.#generation = serving?.number ?? null;
    const current = (await store.meta('index_layout')) === String(indexLayoutVersion);
    const wrote = known === String(before) && (await store.meta('generation')) === String(serving?.number);
    const same = wrote && whole && current;
    if (!same) await this.#rebuildNow();
    await store.setMeta('epoch', String(this.#epoch));
    await this.#noteWritten();
  }

  async #step(): Promise<void> {
    if (this.#requests.rebuildWanted) return this.#answerRebuilds();
    const requests = this.#requests.take(maxBatchesAtOnce);
    if (requests.length > 0) await this.#answer(requests);
    if (this.#parts.clock.now() >= this.#nextReconcile) await this.#reconcile();
    const wrote = await this.#writeTouched();
    if (!wrote && !this.#requests.some) await this.#rest();
  }

  async #rest(): Promise<void> {
    await this.#showWritten();
    this.#state = 'idle';
    const left = Math.max(0, this.#nextReconcile - this.#parts.clock.now());
    const until = Math.min(this.#outbox.restLeft() ?? left, left);
    await this.#requests.wait(this.#parts.clock, until);
  }

  /** Where nothing else waits, what was written doesn't wait for the next regular refresh. */
  async #showWritten(): Promise<void> {
    if (!this.#unseen || this.#generation === null) return;
    this.#unseen = false;
    await refreshGeneration(this.#of, this.#generation);
  }

  async #answer(requests: readonly Request[]): Promise<void> {
    try {
      await this.#loadAll(requests.flatMap(({ batches }) => batches ?? []));
      for (const { entity } of requests) if (entity) await this.#touchNow(entity);
      for (const { resolve } of requests) resolve(this.#commits.current);
    } catch (error) {
      this.#requests.putBack(requests);
      throw error;
    }
  }

  async #touchNow(entity: EntityKey): Promise<void> {
    await this.#parts.store.transaction(async () => this.#outbox.touch(entity, await this.#commits.next()));
  }

  async #reconcile(): Promise<void> {
    await this.#loadAll(await this.#loading.unloaded());
    await this.#dropRetired();
    this.#nextReconcile = this.#parts.clock.now() + this.#parts.reconcileMillis;
  }

  /** A generation that served until a while ago may go: the requests that read it have ended. */
  async #dropRetired(): Promise<void> {
    if (this.#retired === null || this.#parts.clock.now() < this.#retired + retirementMillis) return;
    // Later ones may be those of a worker that has replaced this one.
    await dropUnused(this.#of, this.#generation ?? 0);
    this.#retired = null;
  }

  async #loadAll(batches: readonly string[]): Promise<void> {
    this.#state = 'loading';
    for (let i = 0; i < batches.length; i += maxBatchesAtOnce) {
      this.#batchesLoaded += await this.#loading.load(batches.slice(i, i + maxBatchesAtOnce), () =>
        this.#commits.next(),
      );
      this.#parts.fault('transform.loaded');
    }
  }

  /** @returns whether there was anything to write */
  async #writeTouched(): Promise<boolean> {
    const generation = this.#generation;
    if (generation === null) return false;
    this.#interruption = new AbortController();
    if (this.#requests.rebuildWanted) return false;
    const { store, clock, fault } = this.#parts;
    const wrote = await writeTouched({
      store,
      emission: this.#emission,
      outbox: this.#outbox,
      commits: this.#commits,
      writing: this.#writing(AbortSignal.any([this.#interruption.signal, this.#stop.signal]), this.#owned),
      target: (commit) => this.#target(generation, commit),
      clock,
      fault,
    });
    this.#documentsWritten += wrote;
    this.#unseen ||= wrote > 0;
    await this.#noteWritten();
    return wrote > 0;
  }

  async #noteWritten(): Promise<void> {
    const oldest = await this.#outbox.oldest();
    this.#written = oldest === null ? this.#commits.current : oldest - 1;
  }

  async #answerRebuilds(): Promise<void> {
    await this.#reconcile();
    await this.#rebuildNow();
    this.#requests.answerRebuilds(this.#commits.current);
  }

  async #rebuildNow(): Promise<void> {
    const { store, clock, fault } = this.#parts;
    this.#state = 'rebuilding';
    const { generation } = await buildGeneration({
      of: this.#of,
      store,
      emission: this.#emission,
      owned: this.#owned,
      writing: this.#writing(this.#stop.signal, () => this.#owned().then(indexGone)),
      commits: this.#commits,
      target: (number, commit) => this.#target(number, commit),
      clock,
      fault,
      onProgress: (progress) => {
        this.#rebuild = progress;
      },
    });
    this.#generation = generation;
    this.#retired = clock.now();
    await this.#noteWritten();
  }

  #target(generation: number, commit: number): Target {
    const { deployment, catalog } = this.#parts;
    return { deployment, catalog, generation, version: versionOf(this.#epoch, commit) };
  }

  readonly #owned = (): Promise<void> => expectOwned(this.#parts.objects, this.#parts.catalog, this.#epoch);

  #writing(signal: AbortSignal, onMissing: () => Promise<void>): Writing {
    const { cluster, clock, deadLetters, limits } = this.#parts;
    const onPause = (pause: Pause | null): void => this.#patience.onPause(pause);
    const backOff = (attempt: number): number => fullJitter(attempt, attemptBackoff);
    const sink = new Sink({ cluster, clock, backOff, onPause, onMissing, signal }, limits.bulkConcurrency);
    return new Writing({ emission: this.#emission, sink, deadLetters, documentBytes: limits.documentBytes });
  }
}

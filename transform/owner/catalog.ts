import { LazuliError } from '../../core/config/errors.ts';
import { type Halt, Halts } from '../../core/runs/halts.ts';
import { everything, type Run, type RunOptions } from '../../core/runs/run.ts';
import type { Upkeep } from '../compaction/upkeep.ts';
import { Copies } from '../copies/copies.ts';
import { Emission, type EntityKey } from '../emitting/emission.ts';
import { Flush } from '../emitting/flush.ts';
import { Outputs } from '../emitting/outputs.ts';
import { GenerationGone } from '../generations/failures.ts';
import { refreshGeneration } from '../generations/indices.ts';
import { GenerationKeeper } from '../generations/keeper.ts';
import type { Runs } from '../generations/runs.ts';
import { Loading, maxBatchesAtOnce } from '../loading/loading.ts';
import type { CatalogParts, CatalogProgress, CatalogState } from './catalog-parts.ts';
import { runsAndUpkeep } from './catalog-runs.ts';
import { Commits } from './commits.ts';
import { expectOwned } from './epochs.ts';
import { catchUpStore } from './lineage.ts';
import { Interrupted, Patience } from './patience.ts';
import { type Request, Requests } from './requests.ts';

/** Between two looks whether an operator lets work go on, or how far others are with what a run waits for. */
const lookMillis = 1000;
const resumeFirst = { remedy: 'Run `lazuli resume emit` first.' };

/**
 * The one owner of a catalog: loads batches, writes what they touched, rebuilds. All work on the store is done one step
 * after the other; a step that can't go on pauses, is visible in `progress` and tried again.
 */
export class CatalogOwner {
  readonly #parts: CatalogParts;
  readonly #keeper: GenerationKeeper;
  readonly #runs: Runs;
  readonly #halts: Halts;
  /** why nothing is written on purpose */
  #halt: Halt | null = null;
  readonly #epoch: number;
  readonly #emission: Emission;
  readonly #loading: Loading;
  readonly #flush: Flush;
  readonly #commits: Commits;
  readonly #patience: Patience;
  readonly #upkeep: Upkeep;
  readonly #copies: Copies;
  readonly #stop = new AbortController();
  #interruption = new AbortController();
  #state: CatalogState = 'starting';
  /** who had asked for a build when the last one began to serve: who asks later wants another one */
  #joined = 0;
  readonly #requests = new Requests();
  #nextReconcile = 0;

  constructor(parts: CatalogParts, epoch: number) {
    this.#parts = parts;
    this.#epoch = epoch;
    this.#emission = new Emission(parts.store, parts.plugin, parts.limits);
    this.#loading = new Loading(parts);
    this.#commits = new Commits(parts.store);
    this.#patience = new Patience(parts.clock, parts.logger, parts.catalog, this.#stop.signal);
    const computing = { emission: this.#emission, commits: this.#commits };
    const outputs = new Outputs({
      ...parts,
      ...{ epoch, emission: this.#emission },
      onPause: (pause) => this.#patience.onPause(pause),
      onMissing: (generation) => this.#keeper.expectPresent(generation),
    });
    const owned = () => expectOwned(parts.records, parts.catalog, epoch);
    this.#keeper = new GenerationKeeper({
      ...{ ...parts, ...computing, epoch, owned, of: parts },
      target: (generation, commit) => outputs.target(generation, commit),
      writing: (generation) => outputs.writing(generation, this.#stop.signal),
      drain: () => this.#drain(),
      onServing: () => {
        this.#joined = this.#requests.rebuildsWanted;
      },
      keep: parts.limits.keptGenerations,
      bucketLinks: parts.limits.bucketLinks,
    });
    this.#flush = new Flush({ ...parts, ...computing, outputs, keeper: this.#keeper });
    this.#copies = new Copies({ ...parts, epoch, commits: this.#commits, served: this.#keeper.served });
    this.#halts = new Halts(parts.objects, parts.clock);
    ({ runs: this.#runs, upkeep: this.#upkeep } = runsAndUpkeep(parts, {
      ...{ keeper: this.#keeper, owned, loading: this.#loading, commits: this.#commits, copies: this.#copies },
      isWritten: (commit) => this.isWritten(commit),
      reconcile: () => this.#reconcile(),
      load: (batches) => this.#loadAll(batches),
    }));
  }

  get progress(): CatalogProgress {
    const pause = this.#patience.pause ?? this.#halt;
    return {
      state: pause === null ? this.#state : 'paused',
      pause,
      epoch: this.#epoch,
      ...this.#keeper.served.state,
      rebuild: this.#runs.running ? this.#keeper.progress : null,
      failure: this.#runs.failure,
      kept: this.#keeper.kept,
      batchesLoaded: this.#loading.batches,
      documentsWritten: this.#flush.documents,
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
      this.#requests.abandon(new LazuliError('unavailable', `The worker of ${this.#parts.catalog} has stopped`));
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
    return this.#flush.isWritten(commit);
  }

  /** Has a document computed and written again; resolves when that is certain to happen. */
  touch(entity: EntityKey): Promise<number> {
    return this.#requests.touch(entity);
  }

  /** Has something done with what is staged, between two steps; what is to be loaded then is loaded at once. */
  staged<T>(work: (upkeep: Upkeep) => Promise<T>): Promise<T> {
    return this.#requests.task(async () => {
      this.#nextReconcile = 0;
      return work(this.#upkeep);
    });
  }

  /** Builds a fresh generation from the store and lets it serve; resolves when it does. */
  rebuild(): Promise<number> {
    const done = this.#requests.rebuild();
    this.#interruption.abort(new Interrupted());
    return done;
  }

  /** Has something done with the generations, between two steps. */
  generations<T>(work: (keeper: GenerationKeeper) => Promise<T>): Promise<T> {
    return this.#requests.task(() => work(this.#keeper));
  }

  /** All that are known, the latest first. */
  runs(): Promise<readonly Run[]> {
    return this.#runs.list();
  }

  /** Begins a run, between two steps. @throws LazuliError `conflict` where one is running, or about to */
  startRun(options: RunOptions = everything): Promise<Run> {
    return this.#beginRun(async () => {
      if (this.#requests.rebuildsWanted > 0) throw this.#runs.alreadyRunning();
      this.#runs.expectNoneRunning();
      return options;
    });
  }

  /** @throws LazuliError `not_found`, `conflict` */
  async cancelRun(id: string): Promise<void> {
    const { state } = await this.#requests.task(() => this.#runs.cancel(id));
    this.#requests.refuseRebuilds(new LazuliError('conflict', `Run ${id} was ${state}.`));
  }

  /** Resolves when it has begun. @throws LazuliError `not_found`, `conflict` */
  async resumeRun(id: string, acceptsVanished = false): Promise<void> {
    await this.#beginRun(() => this.#runs.again(id, acceptsVanished));
  }

  #beginRun(wanted: () => Promise<RunOptions | Run>): Promise<Run> {
    const begun = this.#requests.task(async () => {
      const what = await wanted();
      await this.#reconcile();
      return this.#runs.begin(what);
    });
    this.#interruption.abort(new Interrupted());
    return begun;
  }

  /** Takes the catalog over: a store that didn't write the serving generation, as indices are laid out now, gives a fresh one. */
  async #take(before: number): Promise<void> {
    const { store } = this.#parts;
    await this.#keeper.served.look();
    await this.#commits.read();
    await this.#emission.prepare();
    await this.#keeper.take(await catchUpStore(store, this.#loading, [before, this.#epoch], () => this.#reconcile()));
    await this.#runs.take();
    await store.setMeta('epoch', String(this.#epoch));
    await store.forgetCopied();
    await this.#flush.note();
  }

  /** Work goes on without a generation that has lost an index. */
  async #step(): Promise<void> {
    try {
      await this.#work();
    } catch (error) {
      if (!(error instanceof GenerationGone)) throw error;
      await this.#keeper.gone(error);
    }
  }

  async #work(): Promise<void> {
    await this.#requests.doTasks();
    this.#halt = await this.#halts.of('emit');
    await this.#build();
    const requests = this.#requests.take(maxBatchesAtOnce);
    if (requests.length > 0) await this.#answer(requests);
    if (this.#parts.clock.now() >= this.#nextReconcile) await this.#reconcile();
    const wrote = await this.#write();
    const isBusy = wrote || this.#requests.some || (this.#runs.building && this.#halt === null);
    if (!this.#runs.building) await this.#copies.step(isBusy, this.#stop.signal);
    if (!isBusy && !(await this.#upkeep.step())) await this.#rest();
  }

  /** A part of a generation, where one is wanted; between two of them everything else goes on. */
  async #build(): Promise<void> {
    if (this.#halt !== null) return;
    if (!this.#runs.running) {
      if (this.#requests.rebuildsWanted === 0) return;
      await this.#reconcile();
      await this.#runs.begin();
    }
    if (this.#runs.building) this.#state = 'rebuilding';
    const ended = await this.#runs.step();
    await this.#flush.note();
    if (!ended) return;
    this.#requests.tellOf(ended, this.#commits.current, this.#joined);
    await this.#parts.store.settle(); // else the next load would wait for what the build has left in the log
  }

  async #rest(): Promise<void> {
    const serving = this.#keeper.served.number;
    // Where nothing else waits, what was written doesn't wait for the next regular refresh.
    if (serving !== null && this.#flush.takeUnseen()) await refreshGeneration(this.#parts, serving);
    this.#state = 'idle';
    if (this.#halt !== null) return this.#parts.clock.sleep(lookMillis, this.#stop.signal);
    const due = Math.max(0, this.#nextReconcile - this.#parts.clock.now());
    const left = this.#runs.running ? Math.min(due, lookMillis) : due;
    await this.#requests.wait(this.#parts.clock, Math.min(this.#flush.restLeft() ?? left, left), this.#runs.running);
  }

  async #answer(requests: readonly Request[]): Promise<void> {
    try {
      await this.#loadAll(requests.flatMap(({ batches }) => batches ?? []));
      for (const { entity } of requests) if (entity) await this.#flush.touch(entity);
      for (const { resolve } of requests) resolve(this.#commits.current);
    } catch (error) {
      this.#requests.putBack(requests);
      throw error;
    }
  }

  async #reconcile(): Promise<void> {
    await this.#loadAll(await this.#loading.unloaded());
    await this.#keeper.tidy();
    await this.#upkeep.tidy();
    this.#nextReconcile = this.#parts.clock.now() + this.#parts.reconcileMillis;
  }

  async #loadAll(batches: readonly string[]): Promise<void> {
    this.#state = 'loading';
    await this.#loading.loadAll(batches, () => this.#commits.next());
  }

  /** @returns whether there was anything to write */
  async #write(): Promise<boolean> {
    if (this.#halt !== null) return false;
    this.#interruption = new AbortController();
    if (this.#requests.rebuildsWanted > 0 && !this.#runs.running) return false;
    return this.#flush.some(AbortSignal.any([this.#interruption.signal, this.#stop.signal]));
  }

  async #drain(): Promise<void> {
    if (this.#halt !== null)
      throw new LazuliError('conflict', 'Nothing is written: an operator has paused it.', resumeFirst);
    await this.#flush.all(this.#stop.signal);
  }
}

import { LazuliError } from '../../core/config/errors.ts';
import type { Restriction } from '../../core/config/sources.ts';
import type { CatalogProgress } from '../../core/control/catalog-status.ts';
import type { Forecast } from '../../core/control/forecast.ts';
import type { DocumentPlace, DocumentsCheck, Verification } from '../../core/control/verification.ts';
import { everything, type Run, type RunOptions } from '../../core/runs/run.ts';
import { isRested, type Rest, rested, restLeft } from '../../core/runtime/rest.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { GenerationGone } from '../generations/failures.ts';
import { maxBatchesAtOnce } from '../loading/loading.ts';
import type { EntityKey } from '../store/schema.ts';
import { Buckets } from './buckets.ts';
import { factsOf } from './facts.ts';
import { catchUpStore } from './lineage.ts';
import { Interrupted, Patience } from './patience.ts';
import { type Request, Requests } from './requests.ts';
import { type Stages, stagesOf } from './stages.ts';

/** Between two looks whether an operator lets work go on, or how far others are with what a run waits for. */
const lookMillis = 1000;

/**
 * The one owner of a catalog: loads batches, writes what they touched, builds. All work on the store is done one step
 * after the other; a step that can't go on pauses, is visible in `progress` and tried again.
 */
export class CatalogOwner {
  readonly #context: CatalogContext;
  readonly #stop = new AbortController();
  readonly #stages: Stages;
  readonly #patience: Patience;
  readonly #requests = new Requests();
  readonly buckets: Buckets;
  #interruption = new AbortController();
  /** until it reconciles again */
  #reconcileRest: Rest = rested;
  /** whether it has taken the catalog over */
  #isTaken = false;

  constructor(context: CatalogContext) {
    this.#context = context;
    this.#stages = stagesOf(context, this.#stop.signal);
    this.buckets = new Buckets(context, this.#stages, this.#requests);
    this.#patience = new Patience(context.clock, this.#stages.activity, this.#stop.signal);
  }

  get progress(): CatalogProgress {
    const { activity, emitter, generations, builder, loading, runs } = this.#stages;
    const pause = activity.pause ?? emitter.halt;
    return {
      state: pause === null ? activity.state : 'paused',
      pause,
      epoch: this.#context.epoch,
      ...generations.served.state,
      rebuild: runs.running ? builder.progress : null,
      failure: runs.failure,
      kept: generations.kept,
      batchesLoaded: loading.batches,
      documentsWritten: emitter.documents,
      facts: factsOf(this.#stages, !this.#isTaken || this.#requests.buildsWanted > 0),
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
      this.#stages.activity.note('stopped');
      this.#requests.abandon(new LazuliError('unavailable', `The worker of ${this.#context.catalog} has stopped`));
    }
  }

  stop(): void {
    const stopping = new LazuliError('unavailable', `The worker of ${this.#context.catalog} is stopping`);
    this.#stop.abort(stopping);
    this.#requests.close(stopping);
  }

  /** @returns the commit that has to be written for the batches to be searchable */
  load(batches: readonly string[]): Promise<number> {
    return this.#requests.load(batches);
  }

  /** Whether everything up to a commit is written. */
  isWritten(commit: number): boolean {
    return this.#stages.emitter.isWritten(commit);
  }

  /** Has a document computed and written again; resolves when that is certain to happen. */
  touch(entity: EntityKey): Promise<number> {
    return this.#requests.touch(entity);
  }

  /**
   * Has batches loaded once more that were staged since a time, in milliseconds since the epoch, and all that they touch
   * written. @returns how many
   */
  replay(from: number): Promise<number> {
    const { commits, generations, upkeep } = this.#stages;
    return this.#reconciled(() => {
      generations.distrust(commits.current);
      return upkeep.replay(from);
    });
  }

  /** Has everything of a source removed that is staged by now. @throws LazuliError `conflict` while a run stages it anew */
  removeSource(source: string): Promise<void> {
    return this.#reconciled(async () => {
      await this.#stages.upkeep.remove(source, this.#stages.runs.cut);
      await this.#stages.snapshots.noteRemoved();
    });
  }

  /** Does something with what is staged, between two steps; what is to be loaded then is loaded at once. */
  #reconciled<T>(work: () => Promise<T>): Promise<T> {
    return this.#requests.task(async () => {
      this.#reconcileRest = rested;
      return work();
    });
  }

  /** Builds a fresh generation from the store and lets it serve; resolves when it does. */
  build(): Promise<number> {
    const done = this.#requests.build();
    this.#interruption.abort(new Interrupted());
    return done;
  }

  /** Lets a former generation serve again; the one that served last by default. @returns its number @throws LazuliError `conflict` */
  rollBack(generation?: number): Promise<number> {
    return this.#requests.task(() => this.#stages.builder.rollBack(generation));
  }

  /** Compares a generation with the store; the one that serves by default. @throws LazuliError `conflict` */
  verify(generation?: number): Promise<Verification> {
    return this.#requests.task(() => this.#stages.verifier.verify(generation));
  }

  /** Compares the next documents of a generation with what was written. @throws LazuliError `conflict` */
  verifyDocuments(generation: number | undefined, after: DocumentPlace | null): Promise<DocumentsCheck> {
    return this.#requests.task(() => this.#stages.verifier.verifyDocuments(generation, after));
  }

  /** Deletes a generation that doesn't serve. @throws LazuliError `not_found`, `conflict` */
  drop(generation: number): Promise<void> {
    return this.#requests.task(() => this.#stages.generations.drop(generation));
  }

  /** What a build, or a recomputation, would come to. @throws LazuliError `index_unavailable` */
  forecast(restriction?: Restriction): Promise<Forecast> {
    return this.#requests.task(() => this.#stages.verifier.forecast(restriction));
  }

  /** All that are known, the latest first. */
  runs(): Promise<readonly Run[]> {
    return this.#stages.runs.list();
  }

  /** Begins a run, between two steps. @throws LazuliError `conflict` where one is running, or about to */
  startRun(options: RunOptions = everything): Promise<Run> {
    return this.#beginRun(async () => {
      if (this.#requests.buildsWanted > 0) throw this.#stages.runs.alreadyRunning();
      this.#stages.runs.expectNoneRunning();
      return options;
    });
  }

  /** @throws LazuliError `not_found`, `conflict` */
  async cancelRun(id: string): Promise<void> {
    const { state } = await this.#requests.task(() => this.#stages.runs.cancel(id));
    this.#requests.refuseBuilds(new LazuliError('conflict', `Run ${id} was ${state}.`));
  }

  /** Resolves when it has begun. @throws LazuliError `not_found`, `conflict` */
  async resumeRun(id: string, acceptsVanished = false): Promise<void> {
    await this.#beginRun(() => this.#stages.runs.again(id, acceptsVanished));
  }

  #beginRun(wanted: () => Promise<RunOptions | Run>): Promise<Run> {
    const begun = this.#requests.task(async () => {
      const what = await wanted();
      await this.#reconcile();
      return this.#stages.runs.begin(what);
    });
    this.#interruption.abort(new Interrupted());
    return begun;
  }

  /** Takes the catalog over: a store that didn't write the serving generation, as indices are laid out now, gives a fresh one. */
  async #take(before: number): Promise<void> {
    const { commits, documents, snapshots, loading, generations, builder, runs, emitter } = this.#stages;
    const { store, epoch } = this.#context;
    await generations.served.look();
    await commits.read();
    generations.distrust(commits.current);
    await documents.prepare();
    const writer = await snapshots.take(await catchUpStore(this.#context, loading, before));
    await builder.take(await generations.take(writer));
    const serving = generations.served.number;
    if (serving !== null && generations.isBuilt(serving)) await snapshots.noteServing(serving);
    await runs.take();
    await store.setMeta('epoch', String(epoch));
    await store.forgetCopied();
    await emitter.note();
    this.#isTaken = true;
  }

  /** Work goes on without a generation that has lost an index. */
  async #step(): Promise<void> {
    await this.#work().catch(async (error: unknown) => {
      if (!(error instanceof GenerationGone)) throw error;
      await this.#stages.builder.noteGone(error);
    });
  }

  async #work(): Promise<void> {
    const { emitter, runs, copies, upkeep, snapshots, builder } = this.#stages;
    await this.#requests.doTasks();
    await emitter.lookForHalt();
    await this.#build();
    const requests = this.#requests.take(maxBatchesAtOnce);
    if (requests.length > 0) await this.#answer(requests);
    if (isRested(this.#reconcileRest, this.#context.clock.now())) await this.#reconcile();
    const wrote = await this.#write();
    this.buckets.tell();
    const isBusy = wrote || this.#requests.some || (runs.building && !builder.waits && emitter.halt === null);
    if (!runs.building) await copies.step(isBusy, this.#stop.signal);
    const isPublishing = await snapshots.step(isBusy, emitter.written);
    if (isBusy || isPublishing) return;
    if (runs.building || !(await upkeep.step(runs.cut, copies.commit))) await this.#rest();
  }

  /** A part of a generation, where one is wanted; between two of them everything else goes on. */
  async #build(): Promise<void> {
    const { emitter, runs, activity, commits } = this.#stages;
    if (emitter.halt !== null) return;
    if (!runs.running) {
      if (this.#requests.buildsWanted === 0) return;
      await this.#reconcile();
      await runs.begin();
    }
    if (runs.building) activity.note('rebuilding');
    const step = await runs.step();
    const joined = this.#requests.buildsWanted; // who asks once it serves wants another one
    const ended = step === 'ready' ? await runs.serve() : step;
    await emitter.note();
    if (ended === null) return;
    this.#requests.tellOf(ended, commits.current, joined);
    await this.#context.store.settle(); // else the next load would wait for what the build has left in the log
  }

  async #rest(): Promise<void> {
    const { emitter, runs, activity, snapshots } = this.#stages;
    const { clock } = this.#context;
    await emitter.show();
    if (emitter.halt === null && !runs.running && (await runs.reconsider())) return;
    activity.note(runs.building ? 'rebuilding' : 'idle');
    if (emitter.halt !== null) return clock.sleep(lookMillis, this.#stop.signal);
    const due = [restLeft(this.#reconcileRest, clock.now()), emitter.restLeft(), snapshots.restLeft()];
    const left = [...due, runs.running ? lookMillis : null];
    await this.#requests.wait(clock, Math.min(...left.filter((millis) => millis !== null)), runs.running);
  }

  async #answer(requests: readonly Request[]): Promise<void> {
    const { loading, emitter, commits } = this.#stages;
    try {
      await loading.loadAll(requests.flatMap(({ batches }) => batches ?? []));
      for (const { entity } of requests) if (entity) await emitter.touch(entity);
      for (const { resolve } of requests) resolve(commits.current);
    } catch (error) {
      this.#requests.putBack(requests);
      throw error;
    }
  }

  /** Loads what no pointer led to (invariant 1), and does what is to be done now and then. */
  async #reconcile(): Promise<void> {
    const { loading, generations, upkeep, stagedCheck } = this.#stages;
    await loading.catchUp();
    await generations.tidy();
    await upkeep.tidy();
    await stagedCheck.look();
    this.#reconcileRest = { since: this.#context.clock.now(), millis: this.#context.reconcileMillis };
  }

  /** @returns whether there was anything to write */
  async #write(): Promise<boolean> {
    this.#interruption = new AbortController();
    if (this.#requests.buildsWanted > 0 && !this.#stages.runs.running) return false;
    return this.#stages.emitter.some(this.#interruption.signal);
  }
}

import { LazuliError } from '../../core/config/errors.ts';
import type { CatalogFacts } from '../../core/runs/facts.ts';
import { everything, type Run, type RunOptions } from '../../core/runs/run.ts';
import type { BuildProgress } from '../building/build.ts';
import type { Builder } from '../building/builder.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Cut } from '../compaction/cut.ts';
import type { Generations } from '../generations/generations.ts';
import type { Loading } from '../loading/loading.ts';
import { isRestaging, type Restaged } from '../restaging/restaged.ts';
import { Unconfirmed, Unverified } from '../verification/failures.ts';
import { type EndState, RunJournal } from './journal.ts';
import type { Recomputation } from './recomputation.ts';
import {
  alreadyRunning,
  buildsItsOwn,
  expectDispensable,
  kindOf,
  leftBy,
  newRun,
  noRun,
  notResumable,
  notRunning,
  vanishedOf,
} from './states.ts';
import { WaitingRun } from './waiting.ts';

/**
 * Builds and recomputations as runs: each is recorded when it begins, when it continues and when it ends. There is
 * never more than one at a time, as a catalog has one owner.
 */
export class Runs {
  readonly #context: CatalogContext;
  readonly #generations: Generations;
  readonly #builder: Builder;
  readonly #loading: Loading;
  readonly #restaged: Restaged;
  readonly #recomputation: Recomputation;
  readonly #journal: RunJournal;
  #current: Run | null = null;
  readonly #waiting: WaitingRun;
  /** why the last one failed; null where it didn't */
  #failure: string | null = null;
  /** of the build before its last step */
  #progress: BuildProgress | null = null;

  constructor(
    context: CatalogContext,
    generations: Generations,
    builder: Builder,
    loading: Loading,
    restaged: Restaged,
    recomputation: Recomputation,
  ) {
    this.#context = context;
    this.#generations = generations;
    this.#builder = builder;
    this.#loading = loading;
    this.#restaged = restaged;
    this.#recomputation = recomputation;
    this.#journal = new RunJournal(context, loading.staged, builder);
    this.#waiting = new WaitingRun(context.clock, () => loading.batches);
  }

  get failure(): string | null {
    return this.#failure;
  }

  /** The run that waits for a yes, and what for; null where none does. */
  get unconfirmed(): CatalogFacts['unconfirmed'] {
    return this.#waiting.unconfirmed;
  }

  get running(): boolean {
    return this.#current !== null;
  }

  /** Whether a generation is being built, and not only what it is to be built from awaited. */
  get building(): boolean {
    return this.#current !== null && this.#builder.progress !== null;
  }

  /** Which batches must not be put together at present. */
  get cut(): Cut {
    return this.#restaged.cut;
  }

  /** All that are known, the latest first. */
  list(): Promise<readonly Run[]> {
    return this.#journal.all(this.#current);
  }

  /** Goes on with the run whose build goes on, or which was not ended; or with a new one, where something must be built. */
  async take(): Promise<void> {
    const { progress } = this.#builder;
    const { running, waiting, ended } = leftBy(await this.#journal.all(null), progress);
    for (const run of ended) await this.#endLate(run);
    const restaging = [running, waiting].find((run) => run !== undefined && isRestaging(run));
    if (restaging === undefined) await this.#restaged.withdrawOthers(null);
    else await this.#restaged.want(restaging);
    if (waiting !== undefined) return this.#wait(waiting, false);
    if (running !== undefined) await this.#goOn({ ...running, attempts: running.attempts + 1 });
    else if (progress !== null) await this.#start(this.#new('take-over', everything));
  }

  /** A recomputation begins anew: what is written already is written once more. */
  async #goOn(run: Run): Promise<void> {
    if (run.kind === 'repair' && this.#generations.serves) await this.#recomputation.begin(run);
    await this.#record(run);
  }

  /** @param wanted what is to be begun; or a run that is to be tried once more */
  async begin(wanted: RunOptions | Run = everything): Promise<Run> {
    const again = 'id' in wanted ? wanted : undefined;
    const { run: waiting } = this.#waiting;
    const waited = again !== undefined && waiting?.id === again.id;
    if (waiting !== null && !waited) await this.#giveUp(waiting);
    const run = again ?? this.#new(kindOf(wanted), wanted);
    if (run.kind === 'repair') await this.#recomputation.begin(run);
    else if (isRestaging(run)) await this.#restaged.want(run);
    else await this.#builder.begin();
    this.#waiting.end();
    if (again === undefined) return this.#start(run);
    const rate = waited ? again.rate : null;
    const attempts = again.attempts + 1;
    return this.#record({ ...again, state: 'running', rate, ended: null, failure: null, attempts });
  }

  /** @throws LazuliError `conflict` */
  expectNoneRunning(): void {
    if (this.#current !== null) throw this.alreadyRunning();
  }

  alreadyRunning(): LazuliError {
    return alreadyRunning(this.#current);
  }

  /**
   * A step of the run that is going on.
   *
   * @returns the run when it has ended, null while it goes on; `ready` where what it has built is to serve now
   */
  async step(): Promise<Run | 'ready' | null> {
    const run = this.#current;
    if (run === null) return null;
    const isBuilt = this.#builder.progress !== null;
    try {
      if (run.kind === 'repair' && !isBuilt) return await this.#recompute(run);
      if (isRestaging(run) && !isBuilt) return await this.#restage(run);
      return await this.#build(run);
    } catch (error) {
      // A superseded worker may have written what this one hasn't loaded yet.
      if (error instanceof Unconfirmed)
        return (await this.#loading.catchUp()) ? null : this.#unconfirmed(this.#current ?? run, error);
      if (error instanceof Unverified)
        this.#context.logger.error({ run: run.id, ...error.verification }, error.message);
      else if (!(error instanceof LazuliError) || error.disposition !== 'dead') throw error;
      return this.#end(this.#current ?? run, 'failed', error.message);
    }
  }

  async #build(run: Run): Promise<'ready' | null> {
    // What had been built is gone, so it is begun again.
    if (this.#builder.progress === null) await this.#builder.begin();
    this.#progress = this.#builder.progress;
    const changes = await this.#builder.step(run);
    if (changes === null) return null;
    if (buildsItsOwn(run)) this.#current = { ...run, vanished: vanishedOf(changes) };
    return 'ready';
  }

  /**
   * Lets the generation of the run serve, which is ready.
   *
   * @returns the run, which has ended; null where it goes on, as that was built because none could serve
   */
  async serve(): Promise<Run | null> {
    await this.#builder.serve();
    const run = this.#current;
    return run !== null && buildsItsOwn(run) ? this.#endServing(run) : null;
  }

  /** Once what was staged for the run counts, a generation is built from it. */
  async #restage(run: Run): Promise<null> {
    const latest = await this.#restaged.step(run).catch(async (error: unknown) => {
      this.#current = await this.#restaged.latest(run);
      throw error;
    });
    this.#current = latest ?? (await this.#restaged.latest(run));
    if (latest !== null) return null;
    await this.#builder.begin();
    await this.#record({ ...this.#current, generation: this.#builder.progress?.generation ?? null });
    await this.#restaged.withdraw(run.id);
    return null;
  }

  async #recompute(run: Run): Promise<Run | null> {
    const isDone = await this.#recomputation.step();
    const generation = this.#generations.served.number;
    this.#current = { ...run, documents: await this.#recomputation.progress(), generation };
    return isDone ? this.#end(this.#current, 'succeeded') : null;
  }

  /**
   * Gives a run up; what it has built is dropped.
   *
   * @throws LazuliError `not_found`, `conflict` where it is not running
   */
  async cancel(id: string): Promise<Run> {
    const run = this.#current ?? this.#waiting.run;
    if (run?.id !== id) throw notRunning(await this.#known(id), run);
    if (this.#builder.progress !== null) expectDispensable(run, this.#generations.serves, this.#current === null);
    return this.#giveUp(run);
  }

  async #giveUp(run: Run): Promise<Run> {
    await this.#builder.abandon();
    this.#waiting.end();
    return this.#end(run, 'cancelled');
  }

  async #unconfirmed(run: Run, { changes, message, remedy }: Unconfirmed): Promise<Run> {
    this.#context.logger.warn({ run: run.id, changes }, message);
    const ended = await this.#end({ ...run, vanished: vanishedOf(changes) }, 'unconfirmed', `${message}. ${remedy}`);
    this.#wait(ended, true);
    return ended;
  }

  #wait(run: Run, isCompared: boolean): void {
    this.#waiting.wait(run, isCompared);
    this.#failure = run.failure;
  }

  /** Goes on with the run that waits for a yes where what it lacked has come since. @returns whether it does */
  async reconsider(): Promise<boolean> {
    const { due } = this.#waiting;
    if (due === null || !(await this.#waiting.compare(() => this.#builder.lacksLittle()))) return false;
    await this.begin(due);
    return true;
  }

  /**
   * A run that failed, was cancelled or is to be confirmed, to be tried again.
   *
   * @param acceptsVanished whether its generation may lack documents that are served now
   * @throws LazuliError `not_found`, `conflict`
   */
  async again(id: string, acceptsVanished: boolean): Promise<Run> {
    const run = await this.#known(id);
    if (this.#current === null && run.state !== 'succeeded') return { ...run, acceptsVanished };
    throw notResumable(run, this.#current);
  }

  /** @throws LazuliError `not_found` */
  async #known(id: string): Promise<Run> {
    const run = (await this.list()).find((one) => one.id === id);
    if (run !== undefined) return run;
    throw noRun(id);
  }

  /** The worker ended before it could say how a run had ended. */
  async #endLate(run: Run): Promise<void> {
    const { number } = this.#generations.served;
    if (number !== null && run.generation === number) await this.#endServing(run);
    else await this.#end(run, 'failed', 'The worker ended, and what it had built is gone.');
    this.#failure = null;
  }

  #new(kind: Run['kind'], options: RunOptions): Run {
    return newRun(this.#context.catalog, kind, options, this.#context.clock.now());
  }

  async #start(run: Run): Promise<Run> {
    this.#current = run;
    this.#current = await this.#journal.recordNew(run);
    return this.#current;
  }

  async #record(run: Run): Promise<Run> {
    this.#current = run;
    this.#current = await this.#journal.record(run);
    return this.#current;
  }

  async #endServing(run: Run): Promise<Run> {
    return this.#ended(await this.#journal.recordServing(run, this.#progress));
  }

  async #end(run: Run, state: EndState, failure: string | null = null): Promise<Run> {
    return this.#ended(await this.#journal.recordEnd(run, state, failure));
  }

  async #ended(run: Run): Promise<Run> {
    if (run.from === 'repository' && run.state !== 'unconfirmed') await this.#restaged.withdraw(run.id);
    this.#current = null;
    this.#failure = run.failure;
    return run;
  }
}

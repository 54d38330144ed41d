import { LazuliError } from '../../core/config/errors.ts';
import { everything, type Run, type RunOptions } from '../../core/runs/run.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Cut } from '../compaction/cut.ts';
import { isRestaging, type Restaged } from '../restaging/restaged.ts';
import type { BuildProgress } from './build.ts';
import { Unconfirmed, Unverified } from './failures.ts';
import { GivenUp, type GivenUpParts, incomplete } from './given-up.ts';
import type { GenerationKeeper } from './keeper.ts';
import type { Repair } from './repair.ts';
import { completed, withProgress } from './run-progress.ts';
import type { RunRecords } from './run-records.ts';
import {
  alreadyRunning,
  expectDispensable,
  kindOf,
  newRun,
  noRun,
  notResumable,
  notRunning,
  vanishedOf,
} from './run-states.ts';

export interface RunsParts extends GivenUpParts {
  readonly keeper: GenerationKeeper;
  readonly restaged: Restaged;
  readonly repair: Repair;
  /** Whether everything up to a commit is written. */
  readonly isWritten: (commit: number) => boolean;
  /** Loads what is staged and not in the store. @returns whether there was anything new */
  readonly catchUp: () => Promise<boolean>;
  readonly records: RunRecords;
  readonly logger: Logger;
}

type EndState = Exclude<Run['state'], 'running'>;

/**
 * Builds of generations as runs: each is recorded when it begins, when it is gone on with and when it ends. There is
 * never more than one at a time, as a catalog has one owner.
 */
export class Runs {
  readonly #parts: RunsParts;
  readonly #givenUp: GivenUp;
  #current: Run | null = null;
  /** the run whose generation is whole and current, and doesn't serve before an operator says yes */
  #waiting: Run | null = null;
  /** why the last one failed; null where it didn't */
  #failure: string | null = null;
  /** of the build before its last step */
  #progress: BuildProgress | null = null;

  constructor(parts: RunsParts) {
    this.#parts = parts;
    this.#givenUp = new GivenUp(parts);
  }

  get failure(): string | null {
    return this.#failure;
  }

  get running(): boolean {
    return this.#current !== null;
  }

  /** Whether a generation is being built, rather than waited for what it is to be built of. */
  get building(): boolean {
    return this.#current !== null && this.#parts.keeper.progress !== null;
  }

  /** Which batches must not be put together at present. */
  get cut(): Cut {
    return this.#parts.restaged.cut;
  }

  /** All that are known, the latest first. */
  async list(): Promise<readonly Run[]> {
    const recorded = await this.#parts.records.all();
    const current = this.#current && (await this.#upToDate(this.#current));
    return recorded.map((run) => (run.id === current?.id ? current : run));
  }

  /** Goes on with what the keeper goes on with: the run that was not ended, or a new one. */
  async take(): Promise<void> {
    const all = await this.#parts.records.all();
    const { progress } = this.#parts.keeper;
    const isKept = (run: Run): boolean => isRestaging(run) || run.kind === 'repair';
    const [last, ...lost] = all.filter(({ state }) => state === 'running');
    const goesOn = last !== undefined && (progress !== null || isKept(last)) ? last : undefined;
    const unconfirmed = all.filter(({ state }) => state === 'unconfirmed');
    const waiting = goesOn
      ? undefined
      : unconfirmed.find((run) => (progress === null ? isRestaging(run) : run.generation === progress.generation));
    for (const run of [...(last === undefined || goesOn ? [] : [last]), ...lost]) await this.#endLate(run);
    for (const run of unconfirmed) if (run !== waiting) await this.#endLate(run);
    const restaging = [goesOn, waiting].find((run) => run !== undefined && isRestaging(run));
    if (restaging === undefined) await this.#parts.restaged.withdrawOthers(null);
    else await this.#parts.restaged.want(restaging);
    if (waiting !== undefined) return this.#wait(waiting);
    if (goesOn !== undefined) await this.#goOn({ ...goesOn, attempts: goesOn.attempts + 1 });
    else if (progress !== null) await this.#start(newRun(this.#parts.catalog, 'take-over', everything, this.#now()));
  }

  /** A repair begins anew: what is written already is written once more. */
  async #goOn(run: Run): Promise<void> {
    if (run.kind === 'repair' && this.#parts.keeper.serves) await this.#parts.repair.begin(run);
    await this.#record(run);
  }

  /** @param wanted what is to be begun; or a run that is to be tried once more */
  async begin(wanted: RunOptions | Run = everything): Promise<Run> {
    const again = 'id' in wanted ? wanted : undefined;
    const waited = again !== undefined && this.#waiting?.id === again.id;
    if (this.#waiting !== null && !waited) await this.#giveUp(this.#waiting);
    const run = again ?? newRun(this.#parts.catalog, kindOf(wanted), wanted, this.#now());
    if (run.kind === 'repair') await this.#parts.repair.begin(run);
    else if (isRestaging(run)) await this.#parts.restaged.want(run);
    else await this.#parts.keeper.begin();
    this.#waiting = null;
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
   * @returns the run when it has ended, null while it goes on
   */
  async step(): Promise<Run | null> {
    const run = this.#current;
    if (run === null) return null;
    const isBuilt = this.#parts.keeper.progress !== null;
    try {
      if (run.kind === 'repair' && !isBuilt) return await this.#repair(run);
      if (isRestaging(run) && !isBuilt) return await this.#restage(run);
      return await this.#build(run);
    } catch (error) {
      // A worker that was replaced may have written what this one hasn't loaded yet.
      if (error instanceof Unconfirmed)
        return (await this.#parts.catchUp()) ? null : this.#unconfirmed(this.#current ?? run, error);
      if (error instanceof Unverified) this.#parts.logger.error({ run: run.id, ...error.verification }, error.message);
      else if (!(error instanceof LazuliError) || error.disposition !== 'dead') throw error;
      return this.#end(this.#current ?? run, 'failed', error.message);
    }
  }

  async #build(run: Run): Promise<Run | null> {
    const { keeper } = this.#parts;
    // What had been built is gone, so it is begun again.
    if (keeper.progress === null) await keeper.begin();
    this.#progress = keeper.progress;
    const changes = await keeper.step(run.acceptsVanished);
    // It was built for want of any that could serve.
    if (changes === null || isRestaging(run) || run.kind === 'repair') return null;
    return this.#endServing({ ...run, vanished: vanishedOf(changes) });
  }

  /** Once what was staged anew counts, a generation is built of it. */
  async #restage(run: Run): Promise<null> {
    const { restaged, keeper } = this.#parts;
    const latest = await restaged.step(run).catch(async (error: unknown) => {
      this.#current = await restaged.latest(run);
      throw error;
    });
    this.#current = latest ?? (await restaged.latest(run));
    if (latest !== null) return null;
    await keeper.begin();
    await this.#record({ ...this.#current, generation: keeper.progress?.generation ?? null });
    await restaged.withdraw(run.id);
    return null;
  }

  async #repair(run: Run): Promise<Run | null> {
    const { repair, isWritten, keeper } = this.#parts;
    const isDone = await repair.step(isWritten);
    this.#current = { ...run, documents: await repair.progress(), generation: keeper.served.number };
    return isDone ? this.#end(this.#current, 'succeeded') : null;
  }

  /**
   * Gives a run up; what it has built is dropped.
   *
   * @throws LazuliError `not_found`, `conflict` where it is not running
   */
  async cancel(id: string): Promise<Run> {
    const run = this.#current ?? this.#waiting;
    if (run?.id !== id) throw notRunning(await this.#known(id), run);
    const { keeper } = this.#parts;
    if (keeper.progress !== null) expectDispensable(run, keeper.serves, this.#current === null);
    return this.#giveUp(run);
  }

  async #giveUp(run: Run): Promise<Run> {
    await this.#parts.keeper.abandon();
    this.#waiting = null;
    return this.#end(run, 'cancelled');
  }

  async #unconfirmed(run: Run, { changes, message, remedy }: Unconfirmed): Promise<Run> {
    this.#parts.logger.warn({ run: run.id, changes }, message);
    const ended = await this.#end({ ...run, vanished: vanishedOf(changes) }, 'unconfirmed', `${message}. ${remedy}`);
    this.#wait(ended);
    return ended;
  }

  #wait(run: Run): void {
    this.#waiting = run;
    this.#failure = run.failure;
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
    const { number } = this.#parts.keeper.served;
    if (number !== null && run.generation === number) await this.#endServing(run);
    else await this.#end(run, 'failed', 'The worker ended, and what it had built is gone.');
    this.#failure = null;
  }

  async #start(run: Run): Promise<Run> {
    const recorded = await this.#record(run);
    await this.#parts.records.forgetOld();
    return recorded;
  }

  async #record(run: Run): Promise<Run> {
    const recorded = await this.#upToDate(run);
    this.#current = recorded;
    await this.#parts.records.put(recorded);
    return recorded;
  }

  /** Its generation serves; one that lacks what was staged isn't what was wanted. */
  async #endServing(run: Run): Promise<Run> {
    if (run.kind === 'repair') return this.#end(run, 'succeeded');
    const { lost } = await this.#givenUp.now(run);
    const whole = completed(await this.#upToDate(run), this.#progress, this.#now());
    if (lost === 0) return this.#noteEnded(whole, 'succeeded');
    const failure = incomplete(run.generation, lost);
    this.#parts.logger.error({ run: run.id, lost }, failure);
    return this.#noteEnded(whole, 'failed', failure);
  }

  async #end(run: Run, state: EndState, failure: string | null = null): Promise<Run> {
    await this.#givenUp.now(run);
    return this.#noteEnded(await this.#upToDate(run), state, failure);
  }

  async #noteEnded(run: Run, state: EndState, failure: string | null = null): Promise<Run> {
    const ended = { ...run, state, failure, eta: null, ended: new Date(this.#now()).toISOString() };
    await this.#parts.records.put(ended);
    if (run.from === 'repository' && state !== 'unconfirmed') await this.#parts.restaged.withdraw(run.id);
    this.#current = null;
    this.#failure = failure;
    return ended;
  }

  async #upToDate(run: Run): Promise<Run> {
    const { keeper, clock } = this.#parts;
    const { failures } = await this.#givenUp.lately(run);
    const { progress } = keeper;
    if (progress === null || isRestaging(run) || run.kind === 'repair') return { ...run, failures };
    return { ...withProgress(run, progress, clock.now()), failures };
  }

  #now(): number {
    return this.#parts.clock.now();
  }
}

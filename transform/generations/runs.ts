import { randomBytes } from 'node:crypto';
import { LazuliError } from '../../config/errors.ts';
import type { DeadLetters } from '../../streams/dead-letters.ts';
import type { Logger } from '../../streams/logger.ts';
import type { Clock } from '../../streams/ports.ts';
import type { Run } from '../../streams/run.ts';
import type { BuildProgress } from './build.ts';
import { Unconfirmed, Unverified } from './failures.ts';
import type { TypeChange } from './former.ts';
import type { GenerationKeeper } from './keeper.ts';
import { completed, failuresSince, withProgress } from './run-progress.ts';
import type { RunRecords } from './run-records.ts';

export interface RunsParts {
  readonly keeper: GenerationKeeper;
  /** Loads what is staged and not in the store. @returns whether there was anything new */
  readonly catchUp: () => Promise<boolean>;
  readonly records: RunRecords;
  readonly deadLetters: DeadLetters;
  readonly catalog: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Dead letters are counted no more often, in milliseconds: there may be many. */
const countingMillis = 5000;

/**
 * Builds of generations as runs: each is recorded when it begins, when it is gone on with and when it ends. There is
 * never more than one at a time, as a catalog has one owner.
 */
export class Runs {
  readonly #parts: RunsParts;
  #current: Run | null = null;
  /** the run whose generation is whole and current, and doesn't serve before an operator says yes */
  #waiting: Run | null = null;
  /** why the last one failed; null where it didn't */
  #failure: string | null = null;
  /** of the build before its last step */
  #progress: BuildProgress | null = null;
  #counted: { readonly id: string; readonly at: number; readonly failures: Run['failures'] } | null = null;

  constructor(parts: RunsParts) {
    this.#parts = parts;
  }

  get failure(): string | null {
    return this.#failure;
  }

  get running(): boolean {
    return this.#current !== null;
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
    const open = all.filter(({ state }) => state === 'running');
    const unconfirmed = all.filter(({ state }) => state === 'unconfirmed');
    const { progress } = this.#parts.keeper;
    const [last, ...lost] = open;
    const waiting = last ? undefined : unconfirmed.find(({ generation }) => generation === progress?.generation);
    for (const run of progress === null ? open : lost) await this.#endLate(run);
    for (const run of unconfirmed) if (run !== waiting) await this.#endLate(run);
    if (progress === null) return;
    if (waiting !== undefined) return this.#wait(waiting);
    if (last === undefined) await this.#start('take-over');
    else await this.#record({ ...last, attempts: last.attempts + 1 });
  }

  /** @param again a run that is to be tried once more; default: a new one */
  async begin(again?: Run): Promise<Run> {
    const waited = this.#waiting?.id === again?.id;
    if (this.#waiting !== null && !waited) await this.#giveUp(this.#waiting);
    await this.#parts.keeper.begin();
    this.#waiting = null;
    if (again === undefined) return this.#start('reindex');
    const { attempts } = again;
    const rate = waited ? again.rate : null;
    return this.#record({ ...again, state: 'running', rate, ended: null, failure: null, attempts: attempts + 1 });
  }

  /** @throws LazuliError `conflict` */
  expectNoneRunning(): void {
    if (this.#current !== null) throw this.alreadyRunning();
  }

  alreadyRunning(): LazuliError {
    const which = this.#current === null ? 'A run is about to begin' : `Run ${this.#current.id} is running`;
    return new LazuliError('conflict', `${which}.`, { remedy: 'Let it end, or cancel it.' });
  }

  /**
   * A step of the build that is going on.
   *
   * @returns the run when it has ended, null while it goes on
   */
  async step(): Promise<Run | null> {
    const run = this.#current;
    if (run === null) return null;
    try {
      // What had been built is gone, so it is begun again.
      if (this.#parts.keeper.progress === null) await this.#parts.keeper.begin();
      this.#progress = this.#parts.keeper.progress;
      const changes = await this.#parts.keeper.step(run.acceptsVanished);
      if (changes === null) return null;
      return await this.#end({ ...run, vanished: vanishedOf(changes) }, 'succeeded');
    } catch (error) {
      // A worker that was replaced may have written what this one hasn't loaded yet.
      if (error instanceof Unconfirmed) return (await this.#parts.catchUp()) ? null : this.#unconfirmed(run, error);
      if (!(error instanceof Unverified)) throw error;
      this.#parts.logger.error({ run: run.id, ...error.verification }, error.message);
      return this.#end(run, 'failed', error.message);
    }
  }

  /**
   * Gives a run up; what it has built is dropped.
   *
   * @throws LazuliError `not_found`, `conflict` where it is not running
   */
  async cancel(id: string): Promise<Run> {
    const run = this.#current ?? this.#waiting;
    if (run?.id !== id) throw notRunning(await this.#known(id), run);
    if (!this.#parts.keeper.serves) {
      const letItEnd = 'Let it end. `lazuli runs show` tells when that will be.';
      throw new LazuliError('conflict', `Run ${id} can't be cancelled: nothing else serves that is current.`, {
        remedy: this.#current === null ? 'Resume it, or begin another one with `lazuli reindex`.' : letItEnd,
      });
    }
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
    const why = this.#current === null ? 'it has succeeded' : `${this.#current.id} is running`;
    throw new LazuliError('conflict', `Run ${id} can't be resumed: ${why}.`, {
      remedy: 'Begin another one with `lazuli reindex`, once none is running.',
    });
  }

  /** @throws LazuliError `not_found` */
  async #known(id: string): Promise<Run> {
    const run = (await this.list()).find((one) => one.id === id);
    if (run !== undefined) return run;
    throw new LazuliError('not_found', `There is no run ${id}.`, {
      remedy: '`lazuli runs list` shows which there are.',
    });
  }

  /** The worker ended before it could say how a run had ended. */
  async #endLate(run: Run): Promise<void> {
    if (run.generation === this.#parts.keeper.served.number) await this.#end(run, 'succeeded');
    else await this.#end(run, 'failed', 'The worker ended, and what it had built is gone.');
    this.#failure = null;
  }

  async #start(kind: Run['kind']): Promise<Run> {
    const { catalog, clock, records } = this.#parts;
    const started = new Date(clock.now()).toISOString();
    const id = `${started.replaceAll(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
    const begun = { id, catalog, kind, state: 'running', attempts: 1, started, ended: null, failure: null } as const;
    const nothing = { documents: { expected: 0, done: 0 }, sources: [], rate: null, eta: null, failures: {} };
    const unasked = { vanished: null, acceptsVanished: false };
    const recorded = await this.#record({ ...begun, generation: 1, ...nothing, ...unasked });
    await records.forgetOld();
    return recorded;
  }

  async #record(run: Run): Promise<Run> {
    const recorded = await this.#upToDate(run);
    this.#current = recorded;
    await this.#parts.records.put(recorded);
    return recorded;
  }

  async #end(run: Run, state: Exclude<Run['state'], 'running'>, failure: string | null = null): Promise<Run> {
    this.#counted = null;
    const now = this.#parts.clock.now();
    const latest = await this.#upToDate(run);
    const all = state === 'succeeded' ? completed(latest, this.#progress, now) : latest;
    const ended = { ...all, state, failure, eta: null, ended: new Date(now).toISOString() };
    await this.#parts.records.put(ended);
    this.#current = null;
    this.#failure = failure;
    return ended;
  }

  async #upToDate(run: Run): Promise<Run> {
    const { keeper, clock } = this.#parts;
    const failures = await this.#failures(run);
    const { progress } = keeper;
    return { ...(progress === null ? run : withProgress(run, progress, clock.now())), failures };
  }

  async #failures({ id, started }: Run): Promise<Run['failures']> {
    const { deadLetters, catalog, clock } = this.#parts;
    const known = this.#counted;
    if (known?.id === id && clock.now() < known.at + countingMillis) return known.failures;
    const failures = await failuresSince(deadLetters, catalog, started);
    this.#counted = { id, at: clock.now(), failures };
    return failures;
  }
}

const vanishedOf = (changes: readonly TypeChange[]): NonNullable<Run['vanished']> =>
  changes
    .filter(({ vanished }) => vanished > 0)
    .map(({ entityType, before, vanished, lost }) => ({ entityType, before, vanished, lost }));

function notRunning({ id, state }: Run, current: Run | null): LazuliError {
  return new LazuliError(
    'conflict',
    `Run ${id} is not running, but ${state}; ${current === null ? 'none' : current.id} is.`,
    {
      remedy: '`lazuli runs list` shows all.',
    },
  );
}

import type { Run } from '../../core/runs/run.ts';
import type { BuildProgress } from '../building/build.ts';
import type { Builder } from '../building/builder.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { StagedBatches } from '../loading/staged-batches.ts';
import { GivenUp, incomplete } from './given-up.ts';
import { completed, withProgress } from './progress.ts';
import { RunRecords } from './records.ts';
import { buildsItsOwn } from './states.ts';

/** How a run ends. */
export type EndState = Exclude<Run['state'], 'running'>;

/** Records runs, each as far as it is: what it has built, and what it had to give up. */
export class RunJournal {
  readonly #context: CatalogContext;
  readonly #builder: Builder;
  readonly #records: RunRecords;
  readonly #givenUp: GivenUp;

  constructor(context: CatalogContext, staged: StagedBatches, builder: Builder) {
    this.#context = context;
    this.#builder = builder;
    this.#records = new RunRecords(context.records, context.catalog, context.logger);
    this.#givenUp = new GivenUp(context, staged);
  }

  /** All that are known, the latest first. @param current the one that goes on, of which more is known than is recorded */
  async all(current: Run | null): Promise<readonly Run[]> {
    const recorded = await this.#records.all();
    const latest = current && (await this.#upToDate(current));
    return recorded.map((run) => (run.id === latest?.id ? latest : run));
  }

  /** @returns the run as it was recorded */
  async record(run: Run): Promise<Run> {
    const recorded = await this.#upToDate(run);
    await this.#records.put(recorded);
    return recorded;
  }

  /** What is recorded of a run that begins; what is too old is forgotten. */
  async recordNew(run: Run): Promise<Run> {
    const recorded = await this.record(run);
    await this.#records.forgetOld();
    return recorded;
  }

  async recordEnd(run: Run, state: EndState, failure: string | null = null): Promise<Run> {
    await this.#givenUp.now(run);
    return this.#end(await this.#upToDate(run), state, failure);
  }

  /**
   * Its generation serves; one that lacks what was staged isn't what was wanted.
   *
   * @param last of its build before the last step
   */
  async recordServing(run: Run, last: BuildProgress | null): Promise<Run> {
    if (run.kind === 'repair') return this.recordEnd(run, 'succeeded');
    const { lost } = await this.#givenUp.now(run);
    const whole = completed(await this.#upToDate(run), last, this.#context.clock.now());
    if (lost === 0) return this.#end(whole, 'succeeded', null);
    const failure = incomplete(run.generation, lost);
    this.#context.logger.error({ run: run.id, lost }, failure);
    return this.#end(whole, 'failed', failure);
  }

  async #end(run: Run, state: EndState, failure: string | null): Promise<Run> {
    const ended = { ...run, state, failure, eta: null, ended: new Date(this.#context.clock.now()).toISOString() };
    await this.#records.put(ended);
    return ended;
  }

  async #upToDate(run: Run): Promise<Run> {
    const { failures } = await this.#givenUp.lately(run);
    const { progress } = this.#builder;
    if (progress === null || !buildsItsOwn(run)) return { ...run, failures };
    return { ...withProgress(run, progress, this.#context.clock.now()), failures };
  }
}

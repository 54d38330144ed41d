import type { RestagingProgress } from '../../core/runs/restaging.ts';
import type { Run, RunRestaging } from '../../core/runs/run.ts';
import type { Cut } from '../compaction/cut.ts';
import { expectFewGone, Replacement, type ReplacementParts } from './replacement.ts';

export interface RestagedParts extends ReplacementParts {
  /** Loads all that counts and isn't in the store. */
  readonly reconcile: () => Promise<void>;
}

/** Between looks how far ingest is. */
const lookMillis = 1000;
const mostSources = 1000;

/** Whether a run waits for the repository to be staged anew, or for that to count. */
export const isRestaging = ({ from, generation }: Pick<Run, 'from' | 'generation'>): boolean =>
  from === 'repository' && generation === null;

/** The part of a run before its build: ingest stages the repository anew, aside; then that takes the place of what was. */
export class Restaged {
  readonly #parts: RestagedParts;
  readonly #replacement: Replacement;
  #nextLook = 0;
  #cut: Cut = null;
  #vanished: RunRestaging['vanished'] = null;

  constructor(parts: RestagedParts) {
    this.#parts = parts;
    this.#replacement = new Replacement(parts);
  }

  /** Which batches must not be put together at present. */
  get cut(): Cut {
    return this.#cut;
  }

  /** Asks for what a run wants. What others have left is withdrawn. */
  async want(run: Run): Promise<void> {
    const { id } = run;
    const { restagings } = this.#parts;
    this.#cut = 'unknown';
    this.#nextLook = 0;
    await this.withdrawOthers(id);
    await restagings.want(id, run);
    this.#cut = (await restagings.since(id)) ?? 'unknown';
  }

  /** Nobody wants what was staged aside for a run, unless it counts by now. */
  async withdraw(id: string): Promise<void> {
    this.#cut = null;
    await this.#parts.restagings.withdraw(id);
  }

  /** @param id whose restaging goes on; null: no run's does */
  async withdrawOthers(id: string | null): Promise<void> {
    const { restagings } = this.#parts;
    for (const run of await restagings.all()) if (run !== id) await restagings.withdraw(run);
  }

  /**
   * A step, whenever it is time for one.
   *
   * @returns the run as far as it is; null where what was staged counts, and is in the store
   * @throws Unconfirmed where too many bundles would vanish; LazuliError `batch_damaged` where the run is to be begun again
   */
  async step(run: Run): Promise<Run | null> {
    const { restagings, clock, reconcile, fault } = this.#parts;
    if (clock.now() < this.#nextLook) return run;
    this.#nextLook = clock.now() + lookMillis;
    const since = await restagings.since(run.id);
    this.#cut = since ?? 'unknown';
    const progress = await restagings.progress(run.id);
    const isDone = await this.#replacement.isDone(run.id);
    if (!isDone && (since === null || progress === null || progress.phase !== 'staged'))
      return asFarAs(run, progress, null);
    await reconcile();
    if (!isDone && since !== null && progress !== null) {
      const whole = { run: run.id, options: run, since, progress };
      const { part, vanished } = await this.#replacement.compare(whole);
      this.#vanished = vanished;
      if (!run.acceptsVanished) expectFewGone(vanished);
      await this.#replacement.replace(whole, part);
      await reconcile();
    }
    fault('transform.replacement-loaded');
    this.#cut = null;
    return null;
  }

  /** A run with what was found out in the last step. */
  async latest(run: Run): Promise<Run> {
    return asFarAs(run, await this.#parts.restagings.progress(run.id), this.#vanished);
  }
}

function asFarAs(run: Run, progress: RestagingProgress | null, vanished: RunRestaging['vanished']): Run {
  if (progress === null) return { ...run, phase: 'listing' };
  const { phase, problem, failures } = progress;
  const sources = progress.sources.slice(0, mostSources).map(({ spec: _, ...source }) => source);
  const restaging = { problem, sources, failures, vanished };
  return { ...run, phase: phase === 'staged' ? 'replacing' : phase, restaging };
}

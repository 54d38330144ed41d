import type { RestagingProgress, Restagings, Wanted } from '../../core/runs/restaging.ts';
import type { Run, RunRestaging } from '../../core/runs/run.ts';
import { WholeSources } from '../../core/runs/whole-sources.ts';
import { isRested, type Rest, rested } from '../../core/runtime/rest.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Cut } from '../compaction/cut.ts';
import type { Loading } from '../loading/loading.ts';
import { storedBundles } from '../store/sources.ts';
import { expectFewGone, Replacement } from './replacement.ts';

/** Between looks how far ingest is. */
const lookMillis = 1000;
const mostSources = 1000;

/** Whether a run waits until the repository is staged, or until that counts. */
export const isRestaging = ({ from, generation }: Pick<Run, 'from' | 'generation'>): boolean =>
  from === 'repository' && generation === null;

/** The part of a run before its build: ingest stages the repository aside; then that replaces what was staged before. */
export class Restaged {
  readonly #context: CatalogContext;
  readonly #loading: Loading;
  readonly #restagings: Restagings;
  readonly #replacement: Replacement;
  readonly #wholeSources: WholeSources;
  #looked: Rest = rested;
  #cut: Cut = null;
  #vanished: RunRestaging['vanished'] = null;

  constructor(context: CatalogContext, loading: Loading, restagings: Restagings) {
    this.#context = context;
    this.#loading = loading;
    this.#restagings = restagings;
    this.#wholeSources = new WholeSources(context.objects, context.catalog);
    this.#replacement = new Replacement(context, loading, restagings);
  }

  /** Which batches must not be put together at present. */
  get cut(): Cut {
    return this.#cut;
  }

  /** Asks for what a run wants. What others have left is withdrawn. */
  async want(run: Run): Promise<void> {
    const { id } = run;
    this.#cut = 'unknown';
    this.#looked = rested;
    await this.withdrawOthers(id);
    await this.#restagings.want(id, { ...run, whole: run.changed ? await this.#whole() : [] });
    this.#cut = (await this.#restagings.since(id)) ?? 'unknown';
  }

  /** Sources that were staged as a whole, and are there as they were: of what was removed, or is of another version, some is missing. */
  async #whole(): Promise<Wanted['whole']> {
    const stored = await storedBundles(this.#context.store);
    const whole = await this.#wholeSources.read();
    return whole
      .filter(({ source, bundles }) => (stored.get(source) ?? 0) >= bundles)
      .map(({ source, spec }) => ({ source, spec }));
  }

  /** Nobody wants what was staged aside for a run, unless it counts by now. */
  async withdraw(id: string): Promise<void> {
    this.#cut = null;
    await this.#restagings.withdraw(id);
  }

  /** @param id of the run for which ingest goes on staging; null: for none */
  async withdrawOthers(id: string | null): Promise<void> {
    for (const run of await this.#restagings.all()) if (run !== id) await this.#restagings.withdraw(run);
  }

  /**
   * A step, whenever it is time for one.
   *
   * @returns the run as far as it is; null where what was staged counts, and is in the store
   * @throws Unconfirmed where too many bundles would vanish; LazuliError `batch_damaged` where the run is to be begun again
   */
  async step(run: Run): Promise<Run | null> {
    const { clock, fault } = this.#context;
    if (!isRested(this.#looked, clock.now())) return run;
    this.#looked = { since: clock.now(), millis: lookMillis };
    const since = await this.#restagings.since(run.id);
    this.#cut = since ?? 'unknown';
    const progress = await this.#restagings.progress(run.id);
    const isDone = await this.#replacement.isDone(run.id);
    if (!isDone && (since === null || progress === null || progress.phase !== 'staged'))
      return asFarAs(run, progress, { reading: await this.#restagings.reading(run.id), vanished: null });
    await this.#loading.catchUp();
    if (!isDone && since !== null && progress !== null) {
      const whole = { run: run.id, options: run, since, progress };
      const { part, vanished } = await this.#replacement.compare(whole);
      this.#vanished = vanished;
      if (!run.acceptsVanished) expectFewGone(vanished);
      await this.#replacement.replace(whole, part);
      await this.#loading.catchUp();
    }
    fault('transform.replacement-loaded');
    this.#cut = null;
    return null;
  }

  /** A run with what was found out in the last step. */
  async latest(run: Run): Promise<Run> {
    return asFarAs(run, await this.#restagings.progress(run.id), { reading: [], vanished: this.#vanished });
  }
}

function asFarAs(
  run: Run,
  progress: RestagingProgress | null,
  { reading, vanished }: Pick<RunRestaging, 'reading' | 'vanished'>,
): Run {
  if (progress === null) return { ...run, phase: 'listing' };
  const { phase, problem, failures } = progress;
  const sources = progress.sources.slice(0, mostSources).map(({ spec: _, ...source }) => source);
  const restaging = { problem, sources, reading, failures, vanished };
  return { ...run, phase: phase === 'staged' ? 'replacing' : phase, restaging };
}

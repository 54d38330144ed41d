import { newBatchId } from '../../core/staged/layout.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Loading } from '../loading/loading.ts';
import type { StagedBatch } from '../store/load.ts';
import { apart, type Cut } from './cut.ts';
import { Merge } from './merge.ts';
import { nextMerge } from './plan.ts';

/**
 * Merges small staged batches into larger ones while there is nothing else to do, so that the number of files of a
 * table grows with the logarithm of what was staged, and with its size. Only batches that are in the store are merged.
 */
export class Compactor {
  readonly #context: CatalogContext;
  readonly #loading: Loading;
  /** batches that were found damaged */
  readonly #unfit = new Set<string>();
  #merge: { readonly batch: string; readonly work: Merge } | null = null;

  constructor(context: CatalogContext, loading: Loading) {
    this.#context = context;
    this.#loading = loading;
  }

  /**
   * One table of a merge, or its end.
   *
   * @param copied the commit up to which a copy of the store has everything: what was loaded later isn't merged, as of a
   *   merge a restored store must know the parts
   * @returns whether there was anything to do
   */
  async step(cut: Cut, copied: number): Promise<boolean> {
    this.#merge ??= await this.#begin(cut, copied);
    if (this.#merge === null) return false;
    const { batch, work } = this.#merge;
    if (!(await work.step())) return true;
    this.#context.fault('transform.compacted');
    this.#merge = null;
    await this.#loading.loadAll([batch]); // only the names of batches change in the store
    return true;
  }

  /** What was begun is left alone: its inputs may be about to be replaced. */
  abandon(): void {
    this.#merge = null;
  }

  async #begin(cut: Cut, copied: number) {
    const { store, clock } = this.#context;
    if (cut === 'unknown') return null;
    const rows = await store.rows(`SELECT batch, bytes, staged FROM batches WHERE loaded <= ${copied} ORDER BY batch`);
    const fit = rows
      .map((row) => ({ batch: String(row.batch), bytes: Number(row.bytes), staged: Number(row.staged) }))
      .filter(({ batch }) => !this.#unfit.has(batch));
    const merge = apart(fit, cut)
      .map(nextMerge)
      .find((one) => one !== null);
    if (merge === undefined) return null;
    const inputs: StagedBatch[] = [];
    for (const batch of merge) {
      const input = await this.#loading.staged.one(batch);
      if (input === null) this.#unfit.add(batch);
      else inputs.push(input);
    }
    if (inputs.length < 2) return null;
    const now = clock.now();
    const batch = newBatchId(now, { replacing: true });
    const job = { batch, created: new Date(now).toISOString(), inputs, drops: null, replaces: true };
    return { batch, work: new Merge(this.#context, job) };
  }
}

import type { Clock, FaultPoint } from '../../core/runtime/ports.ts';
import { newBatchId } from '../../core/staged/layout.ts';
import type { Loading } from '../loading/loading.ts';
import type { StagedBatch } from '../store/load.ts';
import { apart, type Cut } from './cut.ts';
import { nextMerge } from './plan.ts';
import { Rewrite, type RewriteParts } from './rewrite.ts';

export interface CompactorParts extends RewriteParts {
  readonly loading: Loading;
  readonly clock: Clock;
  readonly fault: FaultPoint;
  /** what is not in one, as of a commit, isn't merged: of a merge, a restored store must know the parts */
  readonly copies: { readonly commit: number };
  readonly cut: () => Cut;
  /** Brings batches that were made into the store: where they are merged ones, only the names of batches change there. */
  readonly load: (batches: readonly string[]) => Promise<void>;
}

/**
 * Merges small staged batches into larger ones while there is nothing else to do, so that the number of files of a
 * table grows with the logarithm of what was staged, and with its size. Only batches that are in the store are merged.
 */
export class Compactor {
  readonly #parts: CompactorParts;
  /** batches that were found damaged */
  readonly #unfit = new Set<string>();
  #rewrite: { readonly batch: string; readonly work: Rewrite } | null = null;

  constructor(parts: CompactorParts) {
    this.#parts = parts;
  }

  /** One table of a merge, or its end. @returns whether there was anything to do */
  async step(): Promise<boolean> {
    this.#rewrite ??= await this.#begin();
    if (this.#rewrite === null) return false;
    const { batch, work } = this.#rewrite;
    if (!(await work.step())) return true;
    this.#parts.fault('transform.compacted');
    this.#rewrite = null;
    await this.#parts.load([batch]);
    return true;
  }

  /** What was begun is left alone: its inputs may be about to be replaced. */
  abandon(): void {
    this.#rewrite = null;
  }

  async #begin() {
    const { store, loading, clock, copies } = this.#parts;
    const cut = this.#parts.cut();
    if (cut === 'unknown') return null;
    const rows = await store.rows(
      `SELECT batch, bytes, staged FROM batches WHERE loaded <= ${copies.commit} ORDER BY batch`,
    );
    const fit = rows
      .map((row) => ({ batch: String(row.batch), bytes: Number(row.bytes), staged: Number(row.staged) }))
      .filter(({ batch }) => !this.#unfit.has(batch));
    const merge = apart(fit, cut)
      .map(nextMerge)
      .find((one) => one !== null);
    if (merge === undefined) return null;
    const inputs: StagedBatch[] = [];
    for (const batch of merge) {
      const input = await loading.staged.one(batch);
      if (input === null) this.#unfit.add(batch);
      else inputs.push(input);
    }
    if (inputs.length < 2) return null;
    const now = clock.now();
    const batch = newBatchId(now, { rewritten: true });
    const job = { batch, created: new Date(now).toISOString(), inputs, drops: null, replaces: true };
    return { batch, work: new Rewrite(this.#parts, job) };
  }
}

import { batchTime, manifestKey, newBatchId, stagedTables, tableKey } from '../../ingest/layout.ts';
import type { Clock, FaultPoint } from '../../streams/ports.ts';
import type { Loading } from '../loading.ts';
import type { StagedBatch } from '../store/load.ts';
import { nextMerge } from './plan.ts';
import { Rewrite, type RewriteParts } from './rewrite.ts';

/** Batches whose files are deleted at a time. */
const mostDeleted = 64;

export interface CompactorParts extends RewriteParts {
  readonly loading: Loading;
  readonly clock: Clock;
  readonly fault: FaultPoint;
  /** who reads staged files, such as `lazuli sql`, has this long after they were replaced */
  readonly retiredMillis: number;
  /** what is not in one, as of a commit, isn't merged: of a merge, a restored store must know the parts */
  readonly copies: { readonly commit: number };
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

  /**
   * Deletes batches that others have replaced, once nobody reads them any more. One goes before its replacement, which
   * may have been replaced in turn: without that, nothing would say any more that it doesn't count.
   */
  async deleteRetired(): Promise<void> {
    const { loading, clock, store, retiredMillis } = this.#parts;
    const { retired, replacedBy } = await loading.snapshot();
    if (retired.length === 0) return;
    const stored = new Set((await store.peek('SELECT batch FROM batches')).map((row) => String(row.batch)));
    const isStored = (by: string): boolean =>
      stored.has(by) || (replacedBy.has(by) && isStored(replacedBy.get(by) ?? ''));
    const isDue = (by: string): boolean => isStored(by) && clock.now() >= batchTime(by) + retiredMillis;
    const due = retired.filter((batch) => isDue(replacedBy.get(batch) ?? ''));
    for (const batch of due.slice(0, mostDeleted)) await this.#delete(batch);
  }

  async #begin() {
    const { store, loading, clock, copies } = this.#parts;
    const rows = await store.rows(`SELECT batch, bytes FROM batches WHERE loaded <= ${copies.commit} ORDER BY batch`);
    const sized = rows.map((row) => ({ batch: String(row.batch), bytes: Number(row.bytes) }));
    const merge = nextMerge(sized.filter(({ batch }) => !this.#unfit.has(batch)));
    if (merge === null) return null;
    const inputs: StagedBatch[] = [];
    for (const batch of merge) {
      const input = await loading.verified(batch);
      if (input === null) this.#unfit.add(batch);
      else inputs.push(input);
    }
    if (inputs.length < 2) return null;
    const now = clock.now();
    const batch = newBatchId(now, { rewritten: true });
    const job = { batch, created: new Date(now).toISOString(), inputs, drops: [] };
    return { batch, work: new Rewrite(this.#parts, job) };
  }

  /** The manifest last: a batch without files doesn't count, as its replacement still says. */
  async #delete(batch: string): Promise<void> {
    const { objects, catalog, plugin } = this.#parts;
    for (const { name } of stagedTables(plugin)) await objects.delete(tableKey(catalog, name, batch));
    this.#parts.fault('transform.retired-files-deleted');
    await objects.delete(manifestKey(catalog, batch));
  }
}

import { markOf, type Restagings } from '../../core/runs/restaging.ts';
import { batchTime, manifestKey, runOfBatch, stagedTables, tableKey } from '../../core/staged/layout.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { StagedBatches } from '../loading/staged-batches.ts';
import { storedBatches } from '../store/batches.ts';

/** Batches whose files are deleted at a time. */
const mostDeleted = 64;

/** Deletes batches that don't count any more, or never will. */
export class Disposal {
  readonly #context: CatalogContext;
  readonly #staged: StagedBatches;
  readonly #restagings: Restagings;

  constructor(context: CatalogContext, staged: StagedBatches, restagings: Restagings) {
    this.#context = context;
    this.#staged = staged;
    this.#restagings = restagings;
  }

  async dispose(): Promise<void> {
    // Asked for first: a run that ends afterwards has admitted its batches by then.
    const wanted = await this.#wanted();
    const { retired, replacedBy, aside } = await this.#staged.standings();
    const due = [...(await this.#retired(retired, replacedBy)), ...this.#abandoned(aside, wanted)];
    for (const batch of due.slice(0, mostDeleted)) await this.#delete(batch);
  }

  /** Marks of runs. What ingest has still reported of others goes. */
  async #wanted(): Promise<ReadonlySet<string>> {
    const wanted = new Set<string>();
    for (const run of await this.#restagings.all()) {
      if ((await this.#restagings.wanted(run)) === null) await this.#restagings.withdraw(run);
      else wanted.add(markOf(run));
    }
    return wanted;
  }

  /**
   * Those that the store has a replacement for. A batch is deleted after those that it replaces, because its manifest
   * says that they don't count.
   */
  async #retired(retired: readonly string[], replacedBy: ReadonlyMap<string, string>): Promise<readonly string[]> {
    if (retired.length === 0) return [];
    const { store, clock, retiredMillis } = this.#context;
    const stored = await storedBatches(store);
    const ended = retired.filter((batch) => {
      const standIns = chain(batch, replacedBy);
      return stored.has(standIns.at(-1) ?? '') && clock.now() >= batchTime(standIns[0] ?? '') + retiredMillis;
    });
    return inOrder(ended, retired, replacedBy);
  }

  /** Those that were staged for runs that don't want them. */
  #abandoned(aside: readonly string[], wanted: ReadonlySet<string>): readonly string[] {
    const { clock, retiredMillis } = this.#context;
    return aside.filter(
      (batch) => !wanted.has(runOfBatch(batch) ?? '') && clock.now() >= batchTime(batch) + retiredMillis,
    );
  }

  /** The manifest last: a batch without files doesn't count, as its replacement still says. */
  async #delete(batch: string): Promise<void> {
    const { objects, catalog, plugin, fault } = this.#context;
    for (const { name } of stagedTables(plugin)) await objects.delete(tableKey(catalog, name, batch));
    fault('transform.retired-files-deleted');
    await objects.delete(manifestKey(catalog, batch));
  }
}

/** Some batches, in an order in which they may be deleted: none is needed by a batch that is left when its turn comes. */
function inOrder(
  some: readonly string[],
  retired: readonly string[],
  replacedBy: ReadonlyMap<string, string>,
): readonly string[] {
  const ordered = new Set<string>();
  for (let before = -1; ordered.size > before; ) {
    before = ordered.size;
    const needed = new Set(retired.filter((batch) => !ordered.has(batch)).map((batch) => replacedBy.get(batch)));
    for (const batch of some) if (!needed.has(batch)) ordered.add(batch);
  }
  return [...ordered];
}

/** What replaces a batch, what replaces that, and so on. */
function chain(batch: string, replacedBy: ReadonlyMap<string, string>): readonly string[] {
  const found: string[] = [];
  for (let by = replacedBy.get(batch); by !== undefined; by = replacedBy.get(by)) found.push(by);
  return found;
}

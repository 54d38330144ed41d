import { markOf, type Restagings } from '../../core/runs/restaging.ts';
import { isRested } from '../../core/runtime/rest.ts';
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
  /** when this worker saw first that batches don't count, in milliseconds since the epoch */
  readonly #seen = new Map<string, number>();

  constructor(context: CatalogContext, staged: StagedBatches, restagings: Restagings) {
    this.#context = context;
    this.#staged = staged;
    this.#restagings = restagings;
  }

  async dispose(): Promise<void> {
    // Asked for first: a run that ends afterwards has admitted its batches by then.
    const wanted = await this.#wanted();
    const { retired, replacedBy, aside } = await this.#staged.standings();
    this.#see([...retired, ...aside]);
    const due = [...(await this.#retired(retired, replacedBy)), ...this.#abandoned(aside, wanted)];
    for (const batch of due.slice(0, mostDeleted)) await this.#delete(batch);
  }

  #see(batches: readonly string[]): void {
    const now = this.#context.clock.now();
    const before = new Map(this.#seen);
    this.#seen.clear();
    for (const batch of batches) this.#seen.set(batch, Math.min(before.get(batch) ?? now, now));
  }

  /** Whether nobody reads it any more. @param by what tells when it began not to count; where clocks differ, that may be still to come */
  #isUnread(batch: string, by: string): boolean {
    const { clock, retiredMillis } = this.#context;
    const now = clock.now();
    const since = Math.min(batchTime(by), this.#seen.get(batch) ?? now);
    return isRested({ since, millis: retiredMillis }, now);
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
    const stored = await storedBatches(this.#context.store);
    const ended = retired.filter((batch) => {
      const standIns = chain(batch, replacedBy);
      return stored.has(standIns.at(-1) ?? '') && this.#isUnread(batch, standIns[0] ?? '');
    });
    return inOrder(ended, retired, replacedBy);
  }

  /** Those that were staged for runs that don't want them. */
  #abandoned(aside: readonly string[], wanted: ReadonlySet<string>): readonly string[] {
    return aside.filter((batch) => !wanted.has(runOfBatch(batch) ?? '') && this.#isUnread(batch, batch));
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

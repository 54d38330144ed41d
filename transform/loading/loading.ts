import { LazuliError } from '../../core/config/errors.ts';
import { texts } from '../../core/duckdb/sql.ts';
import { batchTime, bundlesTable, isReplacing, tableKey } from '../../core/staged/layout.ts';
import type { Activity } from '../catalog/activity.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { storedBatches } from '../store/batches.ts';
import type { Commits } from '../store/commits.ts';
import { mayBeOwn } from '../store/failures.ts';
import {
  emptyStatements,
  lackingQuery,
  loadStatements,
  noteStatements,
  ofChanged,
  restrictStatements,
  type StagedBatch,
} from '../store/load.ts';
import { inPart, type Part } from '../store/part.ts';
import { amountOf } from '../store/store.ts';
import { unloadable } from './batch-faults.ts';
import type { StagedBatches } from './staged-batches.ts';

/** Batches loaded in one transaction: bounds what a crash repeats, and the list of files of a statement. */
export const maxBatchesAtOnce = 32;

/** Brings staged batches into the store. Manifests are the truth: what they don't list doesn't exist. */
export class Loading {
  readonly #context: CatalogContext;
  readonly #commits: Commits;
  readonly #activity: Activity;
  readonly staged: StagedBatches;
  #batches = 0;

  constructor(context: CatalogContext, staged: StagedBatches, commits: Commits, activity: Activity) {
    this.#context = context;
    this.staged = staged;
    this.#commits = commits;
    this.#activity = activity;
  }

  /** that were loaded since the process started */
  get batches(): number {
    return this.#batches;
  }

  /**
   * Loads those of any number of batches that aren't in the store yet, some in a transaction. Those that replace others
   * come first, so that what they admit comes with them.
   */
  async loadAll(batches: readonly string[]): Promise<void> {
    this.#activity.note('loading');
    const isFirst = new Set(batches.filter(isReplacing));
    for (const some of [[...isFirst], batches.filter((batch) => !isFirst.has(batch))])
      for (let i = 0; i < some.length; i += maxBatchesAtOnce) {
        this.#batches += await this.#loadOrSetAside(some.slice(i, i + maxBatchesAtOnce));
        this.#context.fault('transform.loaded');
      }
  }

  /**
   * Where a load fails for what no one foresaw, each batch is tried alone; one that fails alone goes to the dead letters.
   * One that needs more memory than there is does so where others can be loaded: else there is too little for any.
   */
  async #loadOrSetAside(batches: readonly string[]): Promise<number> {
    try {
      return await this.load(batches);
    } catch (error) {
      if (!mayBeOwn(error)) throw error;
      // A store that can't even be asked is at fault itself.
      await this.#context.store.peek('SELECT 1 FROM batches LIMIT 1');
      return this.#oneByOne(batches);
    }
  }

  async #oneByOne(batches: readonly string[]): Promise<number> {
    let loaded = 0;
    const starved: { readonly batch: string; readonly error: unknown }[] = [];
    for (const batch of batches) {
      try {
        loaded += await this.load([batch]);
      } catch (error) {
        if (!mayBeOwn(error)) throw error;
        if (error instanceof LazuliError) starved.push({ batch, error });
        else await this.staged.setAside(batch, unloadable(batch, error));
      }
    }
    if (loaded === 0 && starved.length > 0) throw starved[0]?.error;
    for (const { batch, error } of starved) await this.staged.setAside(batch, unloadable(batch, error));
    return loaded;
  }

  /**
   * Loads those of the batches that aren't in the store yet.
   *
   * @returns how many were loaded
   */
  async load(batches: readonly string[]): Promise<number> {
    const { store } = this.#context;
    const loaded = await storedBatches(store);
    const missing = [...new Set(batches)].filter((batch) => !loaded.has(batch) && !this.staged.isReplaced(batch));
    const staged = (
      await Promise.all(missing.slice(0, maxBatchesAtOnce).map((batch) => this.staged.one(batch)))
    ).filter((batch) => batch !== null);
    if (staged.length === 0) return 0;
    const news = staged.filter((one) => !isKnown(one, loaded));
    const admitted = await this.#admitted(staged, loaded);
    await store.expect(amountOf(staged));
    await store.transaction(async () => {
      const commit = await this.#commits.next();
      if (news.some(({ bundles }) => bundles > 0)) await this.#insert(news, commit);
      for (const statement of noteStatements([...staged, ...admitted], commit)) await store.run(statement);
      for (const part of droppedBy(staged)) await this.#drop(part, commit);
    });
    return news.length + admitted.length;
  }

  /** What comes in the place of something that is loaded comes in one transaction with what goes. */
  async #admitted(staged: readonly StagedBatch[], loaded: ReadonlySet<string>): Promise<readonly StagedBatch[]> {
    const replacing = staged.filter(({ replaces }) => replaces.some((batch) => loaded.has(batch)));
    const wanted = new Set(replacing.flatMap(({ admits }) => admits));
    for (const { batch } of staged) wanted.delete(batch);
    const missing = [...wanted].filter((batch) => !loaded.has(batch) && !this.staged.isReplaced(batch));
    return this.staged.all(missing);
  }

  async #insert(staged: readonly StagedBatch[], commit: number, only?: string): Promise<void> {
    const { store, plugin } = this.#context;
    const firstKey = Number((await store.meta('nextKey')) ?? 1);
    const condition = only === undefined ? {} : { only };
    const { look, replace, add } = loadStatements(plugin, staged, { firstKey, commit, ...condition });
    for (const statement of look) await store.run(statement);
    const replaces = (await store.number('SELECT count(*) FROM replaced')) > 0;
    for (const statement of replaces ? [...replace, ...add] : add) await store.run(statement);
    const added = await store.number('SELECT count(*) FROM fresh');
    await store.setMeta('nextKey', String(firstKey + added));
  }

  /** Nothing of a part stays but what batches have that are noted as loaded; they are loaded as far as they aren't yet. */
  async #drop(part: Part, commit: number): Promise<void> {
    const { store, plugin } = this.#context;
    const files = await this.bundleFiles();
    for (const statement of restrictStatements(plugin, files, part, commit)) await store.run(statement);
    if (files.length === 0) return;
    const lacking = (await store.rows(lackingQuery(files, part))).map(({ batch }) => String(batch));
    for (let i = 0; i < lacking.length; i += maxBatchesAtOnce)
      await this.#insert(await this.staged.all(lacking.slice(i, i + maxBatchesAtOnce)), commit, ofChanged);
  }

  /** Paths of the files that tell what batches in the store have. @param only SQL of a condition on them */
  async bundleFiles(only = 'true'): Promise<readonly string[]> {
    const { store, objects, catalog } = this.#context;
    const loaded = await store.rows(`SELECT batch FROM batches WHERE bundles > 0 AND ${only} ORDER BY batch`);
    return Promise.all(
      loaded.map(({ batch }) => objects.localPath(tableKey(catalog, bundlesTable.name, String(batch)))),
    );
  }

  /** Batches in the store that have something of a part. */
  async batchesOf(part: Part): Promise<readonly StagedBatch[]> {
    const files = await this.bundleFiles();
    if (files.length === 0) return [];
    const found = await this.#context.store.rows(`SELECT DISTINCT parse_filename(filename, true) AS batch
      FROM read_parquet(${texts(files)}, filename = true) WHERE ${inPart(part)} ORDER BY batch`);
    return this.staged.all(found.map(({ batch }) => String(batch)));
  }

  /** Loads all that counts and isn't in the store. @returns whether there was anything new */
  async catchUp(): Promise<boolean> {
    const before = this.#batches;
    await this.loadAll(await this.staged.unloaded());
    return this.#batches > before;
  }

  /** Batches that were made since a time count as not loaded. @returns how many */
  async forgetSince(millis: number): Promise<number> {
    const { store } = this.#context;
    const loaded = [...(await storedBatches(store))].filter((batch) => batchTime(batch) >= millis);
    await store.run(`DELETE FROM batches WHERE list_contains(${texts(loaded)}::VARCHAR[], batch)`);
    return loaded.length;
  }

  /**
   * Whether every one of the batches only adds to what is in the store, or replaces batches that are. For another one
   * nobody knows what those that it replaces had touched: one that was in the index, but never in this store.
   */
  async onlyAdd(batches: readonly string[]): Promise<boolean> {
    const loaded = await storedBatches(this.#context.store);
    for (const batch of batches.filter(isReplacing)) {
      const staged = await this.staged.one(batch);
      if (staged === null || !isKnown(staged, loaded)) return false;
    }
    return true;
  }

  /**
   * Empties a store if nobody knows any more what became of its batches: one from before batches were
   * replaced, and their replacements in turn.
   *
   * @param note what else is noted then, in the same transaction
   * @returns whether it was emptied
   */
  async emptyIfLost(note = async (): Promise<void> => {}): Promise<boolean> {
    const { store, plugin } = this.#context;
    const [{ live, replacedBy }, loaded] = await Promise.all([this.staged.standings(), storedBatches(store)]);
    const known = new Set(live);
    const isLost = (batch: string): boolean => !known.has(batch) && !known.has(replacedBy.get(batch) ?? '');
    if (![...loaded].some(isLost)) return false;
    await store.transaction(async () => {
      for (const statement of emptyStatements(plugin)) await store.run(statement);
      await note();
    });
    return true;
  }
}

/** Batches that were made together drop the same. */
function droppedBy(staged: readonly StagedBatch[]): Iterable<Part> {
  return new Map(staged.flatMap(({ drops }) => (drops === null ? [] : [[JSON.stringify(drops), drops]]))).values();
}

/** Whether the store has everything that a batch replaces: then the batch has nothing new (invariant 2). */
function isKnown({ replaces }: StagedBatch, loaded: ReadonlySet<string>): boolean {
  return replaces.length > 0 && replaces.every((batch) => loaded.has(batch));
}

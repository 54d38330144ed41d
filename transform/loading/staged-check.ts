import { basename } from 'node:path';
import { bounded } from '../../core/config/bounded.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { jsonOrNothing } from '../../core/config/text.ts';
import { texts } from '../../core/duckdb/sql.ts';
import type { StagedFacts } from '../../core/runs/facts.ts';
import { isRested, type Rest, restAfter, rested } from '../../core/runtime/rest.ts';
import { severalAtATime } from '../../core/runtime/several.ts';
import { missingFiles } from '../../core/staged/batches.ts';
import { bundlesTable, manifestKey, manifestSchema, tableKey } from '../../core/staged/layout.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { storedBatches } from '../store/batches.ts';
import type { Loading } from './loading.ts';

/** It rests so many times as long as it took. */
const restPerCost = 100;
/** Manifests that are read in a look, all and at a time: after a restart it takes several to have read them. */
const [mostRead, together] = [500, 8];
/** Of more batches it isn't found out whether the store has all that they have: merging leaves fewer. */
const mostBatches = 2000;

const allThere = { missing: 0, unreadable: null } as const;

/**
 * Finds out, now and then, whether what is staged is there, and in the store: the store goes on without its files, so
 * nobody else would notice before they are needed. Whether files are what was staged `lazuli verify --deep` finds out.
 */
export class StagedCheck {
  readonly #context: CatalogContext;
  readonly #loading: Loading;
  /** of each batch: manifests never change. Null: its manifest can't be read */
  readonly #tables = new Map<string, readonly string[] | null>();
  #known: StagedFacts | null = null;
  /** when it looked last, in milliseconds since the epoch, and how long to rest since */
  #rest: Rest = rested;

  constructor(context: CatalogContext, loading: Loading) {
    this.#context = context;
    this.#loading = loading;
  }

  /** As of the last look; null before the first. */
  get known(): StagedFacts | null {
    return this.#known;
  }

  /** Looks, where it is time for that. */
  async look(): Promise<void> {
    const { clock } = this.#context;
    const began = clock.now();
    if (!isRested(this.#rest, began)) return;
    this.#known = await this.#found();
    const at = clock.now();
    this.#rest = restAfter(began, at, restPerCost);
  }

  async #found(): Promise<StagedFacts> {
    const { catalog, objects, store } = this.#context;
    const [{ live }, stored] = await Promise.all([this.#loading.staged.standings(), storedBatches(store)]);
    await this.#readTables(live);
    const readable = [...this.#tables].flatMap(([batch, tables]) => (tables === null ? [] : [{ batch, tables }]));
    const gone = await missingFiles(objects, catalog, readable);
    const files = { number: gone.length, first: gone[0] ?? null };
    const damaged = [...this.#tables].find(([batch, tables]) => tables === null && stored.has(batch));
    if (damaged !== undefined)
      return { files, missing: 0, unreadable: `${manifestKey(catalog, damaged[0])} is not what was staged` };
    return { files, ...(stored.size > mostBatches ? allThere : await this.#missing(gone)) };
  }

  /** Some that weren't read before; those of batches that don't count any more are forgotten. */
  async #readTables(live: readonly string[]): Promise<void> {
    const { catalog, objects } = this.#context;
    const counting = new Set(live);
    for (const batch of this.#tables.keys()) if (!counting.has(batch)) this.#tables.delete(batch);
    const unread = live.filter((batch) => !this.#tables.has(batch)).slice(0, mostRead);
    await severalAtATime(together, unread, async (batch) => {
      const bytes = await objects.get(manifestKey(catalog, batch));
      if (bytes === null) return;
      const { data } = manifestSchema.safeParse(jsonOrNothing(bytes));
      this.#tables.set(batch, data === undefined ? null : Object.keys(data.tables));
    });
  }

  /** Additions of loaded batches that the store lacks. @param gone keys of files that aren't there */
  async #missing(gone: readonly string[]): Promise<Pick<StagedFacts, 'missing' | 'unreadable'>> {
    const { store, catalog } = this.#context;
    const ofBundles = gone.filter((key) => key === tableKey(catalog, bundlesTable.name, basename(key, '.parquet')));
    const without = ofBundles.map((key) => basename(key, '.parquet'));
    const files = await this.#loading.bundleFiles(`NOT list_contains(${texts(without)}::VARCHAR[], batch)`);
    if (files.length === 0) return allThere;
    try {
      const missing = await store.number(`SELECT count(*) FROM (
          SELECT DISTINCT source_id, bundle_uuid, bundle_version FROM read_parquet(${texts(files)}, union_by_name = true) WHERE action = 'add')
        ANTI JOIN bundles USING (source_id, bundle_uuid, bundle_version)`);
      return { missing, unreadable: null };
    } catch (error) {
      if (error instanceof LazuliError && error.code === 'store_out_of_memory') throw error;
      return { missing: 0, unreadable: firstLine(error as Error) };
    }
  }
}

/** What DuckDB said; of paths, which are nobody else's business, table and file. */
function firstLine({ message, cause }: Error): string {
  const [line = ''] = (cause instanceof Error ? cause.message : message).split('\n', 1);
  return bounded(line.replaceAll(/(["'])\/[^"']*\/(?=[^/"']+\/[^/"']+\1)/g, '$1'));
}

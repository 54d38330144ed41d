import type { FoundRow, RowsByKey, Selection } from '../keys/rows-by-key.ts';
import type { SnapshotRef } from '../tables/tables.ts';
import { naming } from './failed.ts';
import type { Page, Queries } from './queries.ts';
import { selectByKeys } from './sql.ts';
import type { WireValue } from './wire.ts';

/** Ids of one query, as the established system has them: its text and parameters have a bound. */
const mostIds = 1000;

/** Ids as parameters of queries. */
export function* batchesOf(ids: Iterable<string>): Generator<readonly string[]> {
  const all = [...ids];
  for (let start = 0; start < all.length; start += mostIds) yield all.slice(start, start + mostIds);
}

/** Rows of a snapshot by queries: one for a thousand ids, of however many tables. */
export class BigQueryRows implements RowsByKey {
  readonly #queries: Queries;
  readonly #snapshot: SnapshotRef;
  readonly #signal: AbortSignal;

  constructor(queries: Queries, snapshot: SnapshotRef, signal: AbortSignal) {
    this.#queries = queries;
    this.#snapshot = snapshot;
    this.#signal = signal;
  }

  async find(selections: readonly Selection[], ids: Iterable<string>): Promise<readonly FoundRow[]> {
    const found: FoundRow[] = [];
    const where = `rows of ${selections.map(({ table }) => table).join(', ')}`;
    for (const batch of batchesOf(ids)) {
      const query = { sql: selectByKeys(this.#snapshot, selections), ids: batch };
      const what = `${where} by ${batch.length} ids from ${String(batch[0]).slice(0, 100)} on`;
      await naming(this.#snapshot, what, async () => {
        for await (const { rows } of this.#queries.pages(query, this.#signal))
          for (const [table, ...values] of rows) found.push({ table: nameIn(table), values });
      });
    }
    return found;
  }
}

const nameIn = (value: WireValue | undefined): string => (typeof value === 'string' ? value : '');

/** Pages of one query after the other. */
export async function* inTurn(queries: Iterable<AsyncIterable<Page>>): AsyncGenerator<Page> {
  for (const pages of queries) yield* pages;
}

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LazuliError } from '../../../../core/config/errors.ts';
import type { TableEstimate } from '../../../../core/model/repository.ts';
import { severalAtATime } from '../../../../core/runtime/several.ts';
import { type Needed, TooManyKeys } from '../keys/rows-by-key.ts';
import { keySearchOf } from '../keys/searches.ts';
import type { Model } from '../model.ts';
import { columnsRead, modelOf } from '../models.ts';
import { bytesOf } from '../tables/room.ts';
import type { SnapshotRef, TableFiles, TableRoom, TableSource, TablesFolder } from '../tables/tables.ts';
import { naming } from './failed.ts';
import { Failure } from './failure.ts';
import { ParquetWriter } from './parquet.ts';
import type { Queries, Query } from './queries.ts';
import { BigQueryRows, batchesOf, inTurn } from './rows.ts';
import { isOneOf, selectFrom, tablesOf } from './sql.ts';

/** Tables that are read at a time. */
const together = 4;
const writerBytes = 512 * 2 ** 20;
const mostTables = 1000;

/** BigQuery bills as much for each table, however small. */
const leastBilled = 10 * 2 ** 20;

/** What is known of queries before they run. */
export interface Prices {
  readonly dollarsPerTebibyte: number;
  /** rows of the tables of a snapshot, as the repository has counted them */
  readonly rowCounts: (snapshot: SnapshotRef, signal: AbortSignal) => Promise<ReadonlyMap<string, number>>;
}

/** Tables of snapshots by one query each: of the columns that the data model reads. */
export class BigQueryTables implements TableSource {
  readonly #queries: Queries;
  readonly #prices: Prices;

  constructor(queries: Queries, prices: Prices) {
    this.#queries = queries;
    this.#prices = prices;
  }

  /** The smallest query that there is says whether the account may run queries, in that place, on that snapshot. */
  readonly check = async (snapshot: SnapshotRef, signal: AbortSignal): Promise<void> => {
    await this.read(snapshot, signal);
  };

  /** What queries would read, by trying them, which costs nothing. */
  readonly estimate = async (snapshot: SnapshotRef, signal: AbortSignal): Promise<readonly TableEstimate[]> => {
    const { columns } = await this.read(snapshot, signal);
    const rows = await this.#prices.rowCounts(snapshot, signal);
    const estimates: TableEstimate[] = [];
    await severalAtATime(together, columns, async ([table, own]) => {
      const query = { sql: selectFrom(snapshot, table, own) };
      const { bytes } = await naming(snapshot, `table ${table}`, () => this.#queries.estimate(query, signal));
      const dollars = (Math.max(bytes, leastBilled) / 2 ** 40) * this.#prices.dollarsPerTebibyte;
      estimates.push({ table, rows: rows.get(table) ?? null, bytes, dollars });
    });
    return estimates.sort((a, b) => (a.table < b.table ? -1 : 1));
  };

  async bring(snapshot: SnapshotRef, into: TablesFolder, signal: AbortSignal): Promise<void> {
    const { columns } = await this.read(snapshot, signal);
    const wanted = [...columns].filter(([table]) => !into.has(table));
    const writer = await ParquetWriter.open(writerBytes);
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    try {
      await severalAtATime(together, wanted, async ([table, own]) => {
        either.throwIfAborted();
        await this.#add({ snapshot, table, columns: own }, into, writer, either).catch((error: unknown) => {
          ending.abort(error);
          throw error;
        });
      });
    } finally {
      writer.close();
    }
  }

  /** The data model of a snapshot, with the columns that are read of each of its tables. */
  async read(
    snapshot: SnapshotRef,
    signal: AbortSignal,
  ): Promise<{ readonly model: Model; readonly columns: ReadonlyMap<string, readonly string[]> }> {
    const tables = await naming(snapshot, 'names of its tables', () => this.#tables(snapshot, signal));
    const model = modelOf(tables);
    if (model !== undefined) return { model, columns: columnsRead(model, tables) };
    const why = 'its tables are those of no data model that is known';
    throw new LazuliError(
      'repository_unavailable',
      `Snapshot ${snapshot.name} (${snapshot.id}) can't be used: ${why}`,
      {
        remedy: 'Leave its source out; ingest goes on by itself.',
      },
    );
  }

  /** Rows by keys: a query for a round of the search, and one for each table. */
  readonly readSome = async (
    snapshot: SnapshotRef,
    uuids: readonly string[],
    { folder, maxBytes }: TableRoom,
    signal: AbortSignal,
  ): Promise<TableFiles | null> => {
    const { model, columns } = await this.read(snapshot, signal);
    const needed = await keySearchOf(model)(uuids, new BigQueryRows(this.#queries, snapshot, signal)).catch(
      (error: unknown) => {
        if (error instanceof TooManyKeys) return null;
        throw error;
      },
    );
    if (needed === null) return null;
    const writer = await ParquetWriter.open(writerBytes);
    try {
      const files = new Map<string, readonly string[]>();
      await severalAtATime(together, columns, async ([table, own]) => {
        const rows = needed.get(table) ?? 'none';
        if (rows === 'none' && !Object.hasOwn(model.tables, table)) return;
        const parts = queriesFor(selectFrom(snapshot, table, own), rows).map((query) =>
          this.#queries.pages(query, signal),
        );
        const into = join(folder, table);
        await mkdir(into);
        await naming(snapshot, `table ${table}`, () =>
          writer.write(table, into, inTurn(parts), within(folder, maxBytes)),
        );
        files.set(
          table,
          (await readdir(into)).map((file) => join(into, file)),
        );
      });
      return files;
    } finally {
      writer.close();
    }
  };

  async #tables(snapshot: SnapshotRef, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const tables = new Set<string>();
    for await (const { rows } of this.#queries.pages({ sql: tablesOf(snapshot) }, signal))
      for (const [table] of rows) {
        if (typeof table === 'string') tables.add(table);
        if (tables.size > mostTables) throw new Failure(`there are more than ${mostTables} tables`, 400);
      }
    return tables;
  }

  async #add(
    { snapshot, table, columns }: { snapshot: SnapshotRef; table: string; columns: readonly string[] },
    into: TablesFolder,
    writer: ParquetWriter,
    signal: AbortSignal,
  ): Promise<void> {
    await into.add(table, async (folder, maxBytes) => {
      // Others are written at the same time.
      const check = within(folder, maxBytes / together);
      const pages = this.#queries.pages({ sql: selectFrom(snapshot, table, columns) }, signal);
      await naming(snapshot, `table ${table}`, () => writer.write(table, folder, pages, check));
    });
  }
}

/** Whatever is needed of a table, it has its columns. */
function queriesFor(select: string, needed: Needed | 'none'): readonly Query[] {
  if (needed === 'all') return [{ sql: select }];
  if (needed === 'none' || needed.ids.size === 0) return [{ sql: `${select} LIMIT 0` }];
  const sql = `${select} WHERE ${isOneOf(needed.column)}`;
  return [...batchesOf(needed.ids)].map((ids) => ({ sql, ids }));
}

/** Looks whether there is room still. */
const within = (folder: string, maxBytes: number) => async (): Promise<void> => {
  if ((await bytesOf(folder)) > maxBytes) throw new Failure(`it takes more than ${maxBytes} bytes of scratch`, 400);
};

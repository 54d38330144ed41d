import { LazuliError } from '../../../../core/config/errors.ts';
import { severalAtATime } from '../../../../core/runtime/several.ts';
import type { Model } from '../model.ts';
import { columnsRead, modelOf } from '../models.ts';
import { bytesOf } from '../tables/room.ts';
import type { SnapshotRef, TableSource, TablesFolder } from '../tables/tables.ts';
import { naming } from './failed.ts';
import { Failure } from './failure.ts';
import { ParquetWriter } from './parquet.ts';
import type { Queries } from './queries.ts';
import { selectFrom, tablesOf } from './sql.ts';

/** Tables that are read at a time. */
const together = 4;
const writerBytes = 512 * 2 ** 20;
const mostTables = 1000;

/** Tables of snapshots by one query each: of the columns that the data model reads. */
export class BigQueryTables implements TableSource {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

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
      const most = maxBytes / together;
      const check = async () => {
        if ((await bytesOf(folder)) > most) throw new Failure(`it takes more than ${most} bytes of scratch`, 400);
      };
      const pages = this.#queries.pages({ sql: selectFrom(snapshot, table, columns) }, signal);
      await naming(snapshot, `table ${table}`, () => writer.write(table, folder, pages, check));
    });
  }
}

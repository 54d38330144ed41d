import { type DuckDBConnection, type DuckDBInstance, type Json, StatementType } from '@duckdb/node-api';
import { openDuckDb } from '../../config/duckdb.ts';
import { LazuliError } from '../../config/errors.ts';
import type { Settings } from '../../config/settings.ts';
import { tableKey } from '../../ingest/layout.ts';
import type { ObjectStore } from '../../streams/ports.ts';
import { openStaging } from '../../streams/stores.ts';
import { name, text } from '../../transform/sql.ts';
import { StagedBatches } from '../pipeline/staged.ts';

/** What a statement gave. 64-bit integers are text, as JSON can't hold them. */
export interface SqlResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
}

/** Statements that change nothing. `FROM`, `DESCRIBE`, `SHOW` and `SUMMARIZE` are SELECTs to DuckDB. */
const allowed: ReadonlySet<StatementType> = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/**
 * DuckDB over the staged batches of a deployment: a schema per catalog, a view per table. It sees the
 * batches whose manifests exist now, never the transform worker's store, and can't write.
 */
export class SqlSession {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(settings: Settings): Promise<SqlSession> {
    const instance = await openDuckDb({ memory_limit: '1GB' });
    const connection = await instance.connect();
    for (const statement of await viewStatements(settings)) await connection.run(statement);
    return new SqlSession(instance, connection);
  }

  /**
   * Runs one or several statements and gives the result of the last.
   *
   * @throws LazuliError `usage` with what DuckDB has to say
   */
  async run(sql: string): Promise<SqlResult> {
    try {
      const statements = await this.#connection.extractStatements(sql);
      let result: SqlResult = { columns: [], rows: [] };
      for (let i = 0; i < statements.count; i++) {
        const prepared = await statements.prepare(i);
        if (!allowed.has(prepared.statementType)) throw readOnly();
        const reader = await prepared.runAndReadAll();
        result = { columns: reader.columnNames(), rows: reader.getRowsJson() };
      }
      return result;
    } catch (cause) {
      if (cause instanceof LazuliError) throw cause;
      throw new LazuliError('usage', (cause as Error).message, {
        remedy: 'Correct the statement; `show all tables` lists what there is.',
      });
    }
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** A schema per catalog, a view per table that has files; names without a schema mean the first catalog. */
export async function viewStatements(settings: Settings): Promise<readonly string[]> {
  const names = Object.keys(settings.catalogs);
  const store = await openStaging(settings);
  const views = await Promise.all(names.map((catalog) => catalogViews(catalog, store)));
  const [first] = names;
  return [
    ...names.map((catalog) => `CREATE SCHEMA ${name(catalog)}`),
    ...views.flat(),
    ...(first === undefined ? [] : [`USE ${name(first)}`]),
  ];
}

async function catalogViews(catalog: string, store: ObjectStore): Promise<readonly string[]> {
  const files = new Map<string, string[]>();
  for (const { batch, tables } of await new StagedBatches(store, catalog).read()) {
    for (const table of Object.keys(tables)) {
      const list = files.get(table) ?? [];
      files.set(table, list);
      list.push(text(await store.localPath(tableKey(catalog, table, batch))));
    }
  }
  return [...files].map(
    ([table, paths]) =>
      `CREATE VIEW ${name(catalog)}.${name(table)} AS FROM read_parquet([${paths.join(', ')}], union_by_name = true)`,
  );
}

function readOnly(): LazuliError {
  return new LazuliError('usage', 'Staged batches can be read, not changed.', {
    remedy: 'Use SELECT, FROM, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN; to write, run DuckDB yourself on a copy.',
  });
}

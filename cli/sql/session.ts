import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, type DuckDBInstance, StatementType } from '@duckdb/node-api';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { openDuckDb } from '../../core/duckdb/duckdb.ts';
import { texts } from '../../core/duckdb/sql.ts';
import { noRows, resultOf, type SqlResult } from './result.ts';
import { viewsOf } from './views.ts';

/** `FROM`, `DESCRIBE`, `SHOW` and `SUMMARIZE` are SELECTs to DuckDB. */
const allowed: ReadonlySet<StatementType> = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/** What stands before the statement that is explained. Whether that one may be run its type says, not its text. */
const explain = /^\s*explain(\s+analyze\b|\s*\(\s*(analyze|format)\b[^)]*\))?/i;

/**
 * DuckDB over the staged batches of a deployment: a schema per catalog, a view per table. It sees the
 * batches whose manifests exist now, never the transform worker's store.
 *
 * It can't write, and reads nothing else: DuckDB itself opens the staged files alone, loads no extensions, and lets
 * nobody change that. Those files are closed to writing by the types of statements that are run.
 */
export class SqlSession {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** for what doesn't fit into memory */
  readonly #spill: string;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, spill: string) {
    this.#instance = instance;
    this.#connection = connection;
    this.#spill = spill;
  }

  static async open(settings: Settings): Promise<SqlSession> {
    const { files, statements } = await viewsOf(settings);
    const spill = mkdtempSync(join(tmpdir(), 'lazuli-sql-'));
    const instance = await openDuckDb({
      memory_limit: '1GB',
      temp_directory: spill,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    for (const statement of [...statements, ...locks(files)]) await connection.run(statement);
    return new SqlSession(instance, connection, spill);
  }

  /**
   * Runs one or several statements and gives the result of the last.
   *
   * @throws LazuliError `usage` with what DuckDB has to say
   */
  async run(sql: string): Promise<SqlResult> {
    try {
      return await this.#run(sql);
    } catch (cause) {
      if (cause instanceof LazuliError) throw cause;
      if ((cause as Error).message.startsWith('Permission Error')) throw readOnly(cause);
      throw new LazuliError('usage', (cause as Error).message, {
        remedy: 'Correct the statement; `show all tables` lists what there is.',
      });
    }
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
    rmSync(this.#spill, { recursive: true, force: true });
  }

  async #run(sql: string): Promise<SqlResult> {
    const statements = await this.#connection.extractStatements(sql);
    if (statements.count === 0) throw empty();
    let result = noRows;
    for (let i = 0; i < statements.count; i++) {
      const prepared = await statements.prepare(i);
      const type = prepared.statementType;
      if (!allowed.has(type)) throw readOnly();
      if (type === StatementType.EXPLAIN && !(await this.#explainsSelect(sql, statements.count))) throw unexplained();
      result = resultOf(await prepared.runAndReadAll());
    }
    return result;
  }

  /** EXPLAIN ANALYZE runs what it explains, and DuckDB doesn't tell of which type that is. */
  async #explainsSelect(sql: string, count: number): Promise<boolean> {
    const explained = sql.replace(explain, '');
    if (count !== 1 || explained === sql) return false;
    const statements = await this.#connection.extractStatements(explained);
    return statements.count === 1 && (await statements.prepare(0)).statementType === StatementType.SELECT;
  }
}

/** @param files absolute paths of what may be read */
const locks = (files: readonly string[]): readonly string[] => [
  `SET allowed_paths = ${texts(files)}`,
  'SET enable_external_access = false',
  'SET lock_configuration = true',
];

function readOnly(cause?: unknown): LazuliError {
  return new LazuliError('usage', 'Staged batches can be read, not changed.', {
    remedy: 'Use SELECT, FROM, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN; to write, run DuckDB yourself on a copy.',
    cause,
  });
}

function unexplained(): LazuliError {
  return new LazuliError('usage', 'Staged batches can be read, not changed: only what reads can be explained.', {
    remedy: 'Give EXPLAIN or EXPLAIN ANALYZE alone, without a comment before it, with a SELECT or FROM after it.',
  });
}

function empty(): LazuliError {
  return new LazuliError('usage', 'There is no statement.', {
    remedy: 'Give one; `show all tables` lists what there is.',
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBPreparedStatement,
  StatementType,
} from '@duckdb/node-api';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { openDuckDb } from '../../core/duckdb/duckdb.ts';
import { texts } from '../../core/duckdb/sql.ts';
import { damagedBy, isOfStatement, namedIn } from './damaged.ts';
import { resultOf, type SqlResult, type SqlStream, streamOf } from './result.ts';
import { schemaStatements, type View, type Views, viewsOf } from './views.ts';

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
  readonly #views: Views;

  private constructor(
    { instance, connection }: { readonly instance: DuckDBInstance; readonly connection: DuckDBConnection },
    spill: string,
    views: Views,
  ) {
    this.#instance = instance;
    this.#connection = connection;
    this.#spill = spill;
    this.#views = views;
  }

  static async open(settings: Settings): Promise<SqlSession> {
    const planned = await viewsOf(settings, await openStaging(settings));
    const spill = mkdtempSync(join(tmpdir(), 'lazuli-sql-'));
    const instance = await openDuckDb({
      memory_limit: '1GB',
      temp_directory: spill,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    for (const statement of schemaStatements(planned)) await connection.run(statement);
    const made = await makeViews(connection, planned);
    for (const statement of locks(made.views.flatMap(({ paths }) => paths))) await connection.run(statement);
    return new SqlSession({ instance, connection }, spill, made);
  }

  /** Why tables can't be read: those have no view, the others are as usual. */
  get damaged(): readonly LazuliError[] {
    return this.#views.damaged.map(({ error }) => error);
  }

  /**
   * Runs one or several statements and gives the whole result of the last.
   *
   * @throws LazuliError `usage` with what DuckDB has to say; `batch_damaged` where a file is at fault
   */
  async run(sql: string): Promise<SqlResult> {
    return this.#explained(sql, async () => {
      const last = await this.#last(sql);
      return resultOf(await last.runAndReadAll());
    });
  }

  /** The same, a part of the result at a time, until the next statement is run. */
  async stream(sql: string): Promise<SqlStream> {
    const explained = <T>(work: () => Promise<T>): Promise<T> => this.#explained(sql, work);
    return explained(async () => {
      const last = await this.#last(sql);
      return streamOf(await last.stream(), explained);
    });
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
    rmSync(this.#spill, { recursive: true, force: true });
  }

  async #explained<T>(sql: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof LazuliError) throw cause;
      const { message } = cause as Error;
      if (message.startsWith('Permission Error')) throw readOnly(cause);
      throw (await this.#damage(sql, message)) ?? wrong(message);
    }
  }

  /** The damaged file that a statement has met. Files are read whole to find it: of tables that the statement names. */
  async #damage(sql: string, message: string): Promise<LazuliError | null> {
    const { views, damaged } = this.#views;
    const named = namedIn(message, damaged);
    if (named !== undefined || isOfStatement(message)) return named?.error ?? null;
    for (const one of views.filter(({ table }) => sql.includes(table))) {
      const found = await damagedBy(one, 'hash');
      if (found !== null) return sinceBegun(found.error);
    }
    return null;
  }

  /** Runs all but the last of some statements. @returns the last one */
  async #last(sql: string): Promise<DuckDBPreparedStatement> {
    const statements = await this.#connection.extractStatements(sql);
    if (statements.count === 0) throw empty();
    for (let i = 0; ; i++) {
      const prepared = await statements.prepare(i);
      const type = prepared.statementType;
      if (!allowed.has(type)) throw readOnly();
      if (type === StatementType.EXPLAIN && !(await this.#explainsSelect(sql, statements.count))) throw unexplained();
      if (i === statements.count - 1) return prepared;
      await prepared.run();
    }
  }

  /** EXPLAIN ANALYZE runs what it explains, and DuckDB doesn't tell of which type that is. */
  async #explainsSelect(sql: string, count: number): Promise<boolean> {
    const explained = sql.replace(explain, '');
    if (count !== 1 || explained === sql) return false;
    const statements = await this.#connection.extractStatements(explained);
    return statements.count === 1 && (await statements.prepare(0)).statementType === StatementType.SELECT;
  }
}

/** Files were whole when the session began, and may have been merged since. */
const sinceBegun = ({ code, message, remedy }: LazuliError): LazuliError =>
  new LazuliError(code, message, { remedy: `Begin another session, if this one is old. ${remedy}` });

/** Whoever makes a view opens its files: one of which that fails, as a file is damaged, is left out. */
async function makeViews(connection: DuckDBConnection, planned: Views): Promise<Views> {
  const [views, damaged] = [[] as View[], [...planned.damaged]];
  for (const view of planned.views) {
    try {
      await connection.run(view.create);
      views.push(view);
    } catch (error) {
      const found = await damagedBy(view, 'hash');
      if (found === null) throw error;
      damaged.push(found);
    }
  }
  return { ...planned, views, damaged };
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

const wrong = (message: string): LazuliError =>
  new LazuliError('usage', message, { remedy: 'Correct the statement; `show all tables` lists what there is.' });

function empty(): LazuliError {
  return new LazuliError('usage', 'There is no statement.', {
    remedy: 'Give one; `show all tables` lists what there is.',
  });
}

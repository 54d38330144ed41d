import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, type DuckDBInstance, type DuckDBValue, version } from '@duckdb/node-api';
import { makeFolder } from '../../core/config/folder.ts';
import { openDuckDb } from '../../core/duckdb/duckdb.ts';
import { text } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { isDamaged, isGivenUp, openingError, statementError } from './failures.ts';
import { storeSchema } from './schema.ts';

export interface StoreLimits {
  readonly memoryBytes: number;
  /** at most; no more than there are processors to run on, for DuckDB's threads spin while they wait for each other */
  readonly threads: number;
}

/**
 * Rows of a table that are kept together, a fifth of what DuckDB takes by itself: that many are written again where some
 * of them go, or a few come.
 */
const rowGroup = 24_576;

/** What statements are about to work on. */
export type Amount = 'little' | 'much';

/** Of staged files up to which they are little: beyond that two threads are faster than one. */
const littleBytes = 8 * 2 ** 20;

/** What staged batches are together. */
export const amountOf = (batches: readonly { readonly bytes: number }[]): Amount =>
  batches.reduce((sum, { bytes }) => sum + bytes, 0) > littleBytes ? 'much' : 'little';

/** As which DuckDB knows the file. */
const database = 'store';

/** In `meta` of a copy of a store, and nowhere else: which copy it is. */
const copyMark = 'copy';

export type Row = Readonly<Record<string, DuckDBValue>>;

/**
 * The columnar store of one catalog: one DuckDB file, which only this process may open. It is derived
 * from staged batches: a store of another layout, or a damaged one, is made anew.
 */
export class Store {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** for those who only look, while the owner is in a transaction */
  readonly #looking: DuckDBConnection;
  readonly #file: string;
  readonly #threads: number;
  /** of its threads */
  #working: number;
  /** of the file; null once DuckDB has given it up: it has to be attached again */
  #attachment: Promise<void> | null = Promise.resolve();

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    looking: DuckDBConnection,
    { file, threads }: { file: string; threads: number },
  ) {
    this.#instance = instance;
    this.#connection = connection;
    this.#looking = looking;
    this.#file = file;
    this.#threads = threads;
    this.#working = threads;
  }

  /**
   * @throws LazuliError `store_in_use` when another process has it open
   */
  static async open(file: string, plugin: MetadataPlugin, limits: StoreLimits): Promise<Store> {
    makeFolder(dirname(file));
    const layout = storeLayout(plugin);
    const store = await Store.#connect(file, limits);
    if (store !== null && (await store.#layout()) === layout) return store;
    await store?.close();
    for (const path of [file, `${file}.wal`, `${file}.spill`]) rmSync(path, { force: true, recursive: true });
    const fresh = await Store.#connect(file, limits);
    if (fresh === null) throw new TypeError(`A new store can't be read: ${file}`);
    await fresh.transaction(async () => {
      for (const statement of storeSchema(plugin)) await fresh.run(statement);
      await fresh.setMeta('layout', layout);
    });
    return fresh;
  }

  /** @returns null for a file that is damaged */
  static async #connect(file: string, limits: StoreLimits): Promise<Store | null> {
    const threads = Math.min(limits.threads, availableParallelism());
    let instance: DuckDBInstance | undefined;
    try {
      instance = await openDuckDb({
        memory_limit: `${Math.floor(limits.memoryBytes / 2 ** 20)}MiB`,
        threads: String(threads),
        temp_directory: `${file}.spill`,
        autoinstall_known_extensions: 'false',
      });
      const connection = await instance.connect();
      // Not opened as the first database: how many rows are kept together can only be said of one that is attached.
      await connection.run(attachStatement(file));
      const looking = await instance.connect();
      for (const one of [connection, looking]) await one.run(`USE ${database}`);
      const scratch = scratchOf(file);
      rmSync(scratch, { force: true, recursive: true });
      mkdirSync(scratch);
      return new Store(instance, connection, looking, { file, threads });
    } catch (cause) {
      instance?.closeSync();
      if (isDamaged(cause as Error)) return null;
      throw openingError(file, cause as Error);
    }
  }

  /** A file for what is only passed on; whatever a killed process left goes when the store is opened. */
  scratchFile(name: string): string {
    return join(scratchOf(this.#file), name);
  }

  /**
   * Lets somebody read the store's file, which has everything that was committed and doesn't change meanwhile: the caller
   * sees to it that nothing else is run. It must be read by another process: when this one closes a file, it gives up all
   * its locks on it, those of DuckDB, too.
   *
   * @param mark what `copiedAs` answers for a store that is such a copy
   */
  async still<T>(mark: string, read: (file: string) => Promise<T>): Promise<T> {
    await this.setMeta(copyMark, mark);
    try {
      await this.settle();
      return await read(this.#file);
    } finally {
      await this.forgetCopied();
    }
  }

  /** Has what is in the log written into the tables now, so that no commit has to. */
  settle(): Promise<void> {
    return this.run('CHECKPOINT');
  }

  /** Which copy of a store this is; null where it isn't one. */
  copiedAs(): Promise<string | null> {
    return this.meta(copyMark);
  }

  /** It is a store like any other from now on. */
  async forgetCopied(): Promise<void> {
    await this.run(`DELETE FROM meta WHERE key = ${text(copyMark)}`);
  }

  async #layout(): Promise<string | null> {
    const tables = await this.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'meta'");
    return tables.length === 0 ? null : await this.meta('layout');
  }

  async run(sql: string): Promise<void> {
    await this.#attached(sql, () => this.#connection.run(sql));
  }

  /** All rows of a small result. */
  async rows(sql: string): Promise<readonly Row[]> {
    return this.#attached(sql, () => rowsOf(this.#connection, sql));
  }

  /** The same as of the last commit, whatever the owner is doing; temporary tables aren't seen. */
  async peek(sql: string): Promise<readonly Row[]> {
    return this.#attached(sql, () => rowsOf(this.#looking, sql));
  }

  /** Where DuckDB has given the file up, it is attached again for whoever tries again: it has all that was committed. */
  async #attached<T>(sql: string, work: () => Promise<T>): Promise<T> {
    this.#attachment ??= this.#attachAgain().catch((cause: unknown) => {
      this.#attachment = null;
      throw cause;
    });
    const attachment = this.#attachment;
    try {
      await attachment;
      return await work();
    } catch (cause) {
      // Others may have heard of it before, and have had it attached.
      if (isGivenUp(cause as Error) && attachment === this.#attachment) this.#attachment = null;
      throw statementError(sql, cause as Error);
    }
  }

  /** By a connection of its own, as none may detach what it uses; the others find what has the same name. */
  async #attachAgain(): Promise<void> {
    const connection = await this.#instance.connect();
    try {
      await connection.run(`DETACH DATABASE IF EXISTS ${database}`);
      await connection.run(attachStatement(this.#file));
    } finally {
      connection.closeSync();
    }
  }

  /** The first column of the only row, as a number; 0 where there is none. */
  async number(sql: string): Promise<number> {
    const [row] = await this.rows(sql);
    return Number(Object.values(row ?? {})[0] ?? 0);
  }

  async meta(key: string): Promise<string | null> {
    const [row] = await this.rows(`SELECT value FROM meta WHERE key = ${text(key)}`);
    return row === undefined ? null : String(row.value);
  }

  async setMeta(key: string, value: string): Promise<void> {
    await this.run(`INSERT OR REPLACE INTO meta VALUES (${text(key)}, ${text(value)})`);
  }

  /** Runs `work` in one transaction; it is rolled back when `work` throws. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('BEGIN');
    try {
      const result = await work();
      await this.run('COMMIT');
      return result;
    } catch (error) {
      await this.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /**
   * How many threads work from now on: one on little data, as others would spin for longer than they help. It stays so
   * until somebody expects something else: with each change DuckDB gives back the memory that it has at hand, and needs it again.
   */
  async expect(amount: Amount): Promise<void> {
    const threads = amount === 'little' ? 1 : this.#threads;
    if (threads === this.#working) return;
    await this.run(`SET threads = ${threads}`);
    this.#working = threads;
  }

  async close(): Promise<void> {
    this.#looking.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** Tells stores apart that can't stand in for each other: by DuckDB's version, plug-in, tables, and what is one row. */
export function storeLayout(plugin: MetadataPlugin): string {
  const reconcile = Object.values(plugin.tables).map((table) => table.reconcile ?? null);
  const parts = [version(), plugin.name, plugin.version, storeSchema(plugin), reconcile];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

const attachStatement = (file: string): string => `ATTACH ${text(file)} AS ${database} (ROW_GROUP_SIZE ${rowGroup})`;

const scratchOf = (file: string): string => `${file}.scratch`;

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly Row[]> {
  return (await connection.runAndReadAll(sql)).getRowObjects();
}

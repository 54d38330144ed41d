import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { makeFolder } from '../../core/config/folder.ts';
import { openDuckDb } from '../../core/duckdb/duckdb.ts';
import { documentRows } from '../../core/exports/document-rows.ts';
import { newestRows, snapshotPaths, winnersOf } from '../../core/exports/newest-rows.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { filterSql } from './filter-sql.ts';
import type { Row, SelectionParts } from './parts.ts';
import { replicasOf } from './replicas.ts';

/**
 * The documents of a snapshot that a filter selects: the view `selected` of a DuckDB of its own, whose columns
 * `core/exports/document-rows.ts` declares. What doesn't fit into memory is in the temporary folder, up to a bound.
 */
export class Selection {
  readonly plugin: MetadataPlugin;
  readonly entityType: string;
  /** documents */
  readonly rows: number;
  /** for files of whoever uses it */
  readonly temporary: string;
  readonly #parts: SelectionParts;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(parts: SelectionParts, instance: DuckDBInstance, connection: DuckDBConnection, rows: number) {
    this.plugin = parts.plugin;
    this.entityType = parts.entityType;
    this.temporary = parts.temporary;
    this.rows = rows;
    this.#parts = parts;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** @throws LazuliError `staging_unavailable`; TypeError where documents don't have what the filter asks for */
  static async open(parts: SelectionParts): Promise<Selection> {
    const { temporary, limits } = parts;
    makeFolder(temporary);
    const instance = await openDuckDb({
      memory_limit: `${Math.floor(limits.memoryBytes / 2 ** 20)}MiB`,
      threads: String(limits.threads),
      temp_directory: join(temporary, 'spill'),
      max_temp_directory_size: `${Math.floor(limits.temporaryBytes / 2 ** 20)}MiB`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    try {
      for (const statement of await selectedStatements(parts)) await connection.run(statement);
      const [row] = (await connection.runAndReadAll('SELECT count(*) AS n FROM selected')).getRowObjects();
      return new Selection(parts, instance, connection, Number(row?.n ?? 0));
    } catch (error) {
      connection.closeSync();
      instance.closeSync();
      throw error;
    }
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** How far the statement is that runs, in percent; 0 unless `enable_progress_bar` is set. */
  get percent(): number {
    return Math.max(0, this.#connection.progress.percentage);
  }

  /** Ends the statement that runs: it throws. */
  interrupt(): void {
    this.#connection.interrupt();
  }

  /** Rows in chunks of about 2,000, one chunk in memory at a time. */
  async *stream(sql: string): AsyncGenerator<readonly Row[]> {
    const connection = await this.#instance.connect();
    try {
      const result = await connection.stream(sql);
      for await (const rows of result.yieldRowObjects()) yield rows as readonly Row[];
    } finally {
      connection.closeSync();
    }
  }

  /** Verbatim entities that the selected documents are made of, each once. @param text SQL of what one is as text */
  replicas(text: string): AsyncGenerator<readonly Buffer[]> {
    return replicasOf(this, this.#parts, text);
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.temporary, { recursive: true, force: true });
  }
}

/** Which row of an entity counts is found out once. */
async function selectedStatements(parts: SelectionParts): Promise<readonly string[]> {
  const { objects, plugin, entityType, snapshot, filter } = parts;
  const paths = await snapshotPaths(snapshot, entityType, objects);
  const [rows, winners] = [newestRows(paths, 'winners'), winnersOf(paths)];
  if (rows === null) return [emptyView(parts)];
  return [
    ...(winners === null ? [] : [`CREATE TABLE winners AS ${winners}`]),
    `CREATE VIEW selected AS SELECT * FROM (${rows}) WHERE ${filterSql(plugin, entityType, filter)}`,
  ];
}

/** Where nothing is published of the type: no rows, and all columns. */
function emptyView({ plugin, entityType }: SelectionParts): string {
  const none =
    'SELECT NULL::VARCHAR AS entity_id, NULL::BIGINT AS "commit", NULL::UBIGINT AS hash, NULL::VARCHAR AS body WHERE false';
  return `CREATE VIEW selected AS ${documentRows(plugin, entityType, none)}`;
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { makeFolder } from '../../core/config/folder.ts';
import { openDuckDb } from '../../core/duckdb/duckdb.ts';
import { texts } from '../../core/duckdb/sql.ts';
import { documentRows } from '../../core/exports/document-rows.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { localPaths } from '../../core/staged/batches.ts';
import { filterSql } from './filter-sql.ts';
import type { Row, SelectionParts } from './parts.ts';
import { type Replica, replicasOf } from './replicas.ts';

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

  /** Verbatim entities that the selected documents are made of, each once, by type, id and content. */
  replicas(): AsyncGenerator<readonly Replica[]> {
    return replicasOf(this, this.#parts);
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.temporary, { recursive: true, force: true });
  }
}

/**
 * Of an entity only the newest row counts, and no tombstone. Few entities have rows in the deltas: the others are read from
 * the base without a look at who is newest.
 */
async function selectedStatements(parts: SelectionParts): Promise<readonly string[]> {
  const { objects, plugin, entityType, snapshot, filter } = parts;
  const { base, deltas } = snapshot.types[entityType] ?? { base: [], deltas: [] };
  const pathsOf = async (files: readonly { readonly key: string }[]) =>
    localPaths(
      files.map(({ key }) => key),
      objects,
    );
  const [basePaths, deltaPaths] = [await pathsOf(base), await pathsOf(deltas)];
  const where = `hash IS NOT NULL AND ${filterSql(plugin, entityType, filter)}`;
  if (basePaths.length + deltaPaths.length === 0) return [emptyView(parts)];
  if (deltaPaths.length === 0) return [`CREATE VIEW selected AS SELECT * FROM ${read(basePaths)} WHERE ${where}`];
  const all = read([...basePaths, ...deltaPaths]);
  const winners = `CREATE TABLE winners AS SELECT entity_id, max("commit") AS "commit" FROM ${all}
    WHERE entity_id IN (SELECT entity_id FROM ${read(deltaPaths)}) GROUP BY entity_id`;
  const untouched =
    basePaths.length === 0
      ? []
      : [`SELECT * FROM ${read(basePaths)} WHERE entity_id NOT IN (SELECT entity_id FROM winners)`];
  const touched = `SELECT * FROM ${all} SEMI JOIN winners USING (entity_id, "commit")`;
  return [
    winners,
    `CREATE VIEW selected AS SELECT * FROM (${[...untouched, touched].join(' UNION ALL ')}) WHERE ${where}`,
  ];
}

const read = (paths: readonly string[]): string => `read_parquet(${texts(paths)})`;

/** Where nothing is published of the type: no rows, and all columns. */
function emptyView({ plugin, entityType }: SelectionParts): string {
  const none =
    'SELECT NULL::VARCHAR AS entity_id, NULL::BIGINT AS "commit", NULL::UBIGINT AS hash, NULL::VARCHAR AS body WHERE false';
  return `CREATE VIEW selected AS ${documentRows(plugin, entityType, none)}`;
}

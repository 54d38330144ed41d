import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';

/** Where a snapshot is worked on, and how much that may take. */
export interface SnapshotLimits {
  /** for files that are deleted with it */
  readonly folder: string;
  /** while its tables are read */
  readonly memoryBytes: number;
  readonly threads: number;
}

export interface Database {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

/** A database in a folder: what doesn't fit into memory is there. */
export async function openDatabase(
  folder: string,
  { memoryBytes, threads }: Pick<SnapshotLimits, 'memoryBytes' | 'threads'>,
): Promise<Database> {
  const instance = await openDuckDb({
    memory_limit: `${Math.floor(memoryBytes / 2 ** 20)}MiB`,
    threads: String(threads),
    temp_directory: join(folder, 'spill'),
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
  });
  return { instance, connection: await instance.connect() };
}

export function closeDatabase({ instance, connection }: Database): void {
  connection.closeSync();
  instance.closeSync();
}

export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await connection.runAndReadAll(sql)).getRowsJS();
}

/** The only value of the only row; 0 where it is null. */
export async function numberOf(connection: DuckDBConnection, sql: string): Promise<number> {
  const [row] = await rowsOf(connection, sql);
  return Number(row?.[0] ?? 0);
}

/** Columns of the rows of a query, some thousand rows at a time. */
export async function* columnsOf(connection: DuckDBConnection, sql: string): AsyncGenerator<(readonly unknown[])[]> {
  for await (const chunk of await connection.stream(sql)) yield chunk.getColumns();
}

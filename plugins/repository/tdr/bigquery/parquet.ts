import { join } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBInstance,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import { openDuckDb } from '../../../../core/duckdb/duckdb.ts';
import { name, text } from '../../../../core/duckdb/sql.ts';
import { Failure } from './failure.ts';
import type { Page } from './queries.ts';
import { rawType, typedValue } from './types.ts';
import type { Field, WireRow, WireValue } from './wire.ts';

/** Characters of values that are kept in memory until they become a file. */
const fileCharacters = 32 * 2 ** 20;
const chunkRows = 2048;

/** Writes rows of BigQuery to Parquet files as the Terra Data Repository exports them. */
export class ParquetWriter {
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async open(memoryBytes: number): Promise<ParquetWriter> {
    return new ParquetWriter(
      await openDuckDb({
        memory_limit: `${Math.floor(memoryBytes / 2 ** 20)}MiB`,
        threads: '1',
        autoinstall_known_extensions: 'false',
      }),
    );
  }

  /**
   * Rows of one table. There is always a file, which may have no rows.
   *
   * @param folder the only files in it are those of the table
   * @param onWritten is asked after each file; may throw where there is no more room
   */
  async write(
    table: string,
    folder: string,
    pages: AsyncIterable<Page>,
    onWritten: () => Promise<void>,
  ): Promise<void> {
    const connection = await this.#instance.connect();
    let files = 0;
    const write = async (fields: readonly Field[]): Promise<void> => {
      const file = join(folder, `${table}-${String(files++).padStart(12, '0')}.parquet`);
      const select = `SELECT ${fields.map(typedValue).join(', ')} FROM raw`;
      await connection
        .run(`COPY (${select}) TO ${text(file)} (FORMAT parquet, COMPRESSION zstd)`)
        .catch((error: Error) => Promise.reject(new Failure(`its rows can't be written: ${error.message}`, 400)));
      await onWritten();
    };
    try {
      let characters = 0;
      let known: readonly Field[] = [];
      for await (const { fields, rows } of pages) {
        if (known.length === 0) await empty(connection, fields);
        known = fields;
        characters += await append(connection, fields, rows);
        if (characters < fileCharacters) continue;
        await write(fields);
        await empty(connection, fields);
        characters = 0;
      }
      if (characters > 0 || files === 0) await write(known);
    } finally {
      connection.closeSync();
    }
  }

  close(): void {
    this.#instance.closeSync();
  }
}

async function empty(connection: DuckDBConnection, fields: readonly Field[]): Promise<void> {
  const columns = fields.map((field) => `${name(field.name)} ${rawType(field)}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE raw (${columns.join(', ')})`);
}

/** @returns characters of the values, about */
async function append(
  connection: DuckDBConnection,
  fields: readonly Field[],
  rows: readonly WireRow[],
): Promise<number> {
  const types = fields.map(({ mode }) => (mode === 'REPEATED' ? LIST(VARCHAR) : VARCHAR));
  const appender = await connection.createAppender('raw');
  let characters = rows.length;
  try {
    for (let start = 0; start < rows.length; start += chunkRows) {
      const some = rows.slice(start, start + chunkRows);
      const chunk = DuckDBDataChunk.create(types, some.length);
      for (const column of fields.keys()) {
        const values = some.map((row) => row[column] ?? null);
        for (const value of values) characters += lengthOf(value);
        chunk.setColumnValues(
          column,
          values.map((value) => (isList(value) ? listValue(value) : value)),
        );
      }
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
  return characters;
}

const isList = (value: WireValue): value is readonly string[] => typeof value === 'object' && value !== null;

function lengthOf(value: WireValue): number {
  if (!isList(value)) return value?.length ?? 0;
  return value.reduce((sum, one) => sum + one.length + 1, 0);
}

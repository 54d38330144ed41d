import { openDuckDb } from '../../../../core/duckdb/duckdb.ts';
import { texts } from '../../../../core/duckdb/sql.ts';
import type { TableEstimate } from '../../../../core/model/repository.ts';
import { numberOf } from '../database.ts';
import { bytesOf } from './room.ts';
import type { TableFiles } from './tables.ts';

/** What tables are that are here: to read them costs nothing. */
export async function estimateOf(files: TableFiles): Promise<readonly TableEstimate[]> {
  const instance = await openDuckDb({ threads: '1', autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    const estimates: TableEstimate[] = [];
    for (const [table, paths] of files) {
      let bytes = 0;
      for (const path of paths) bytes += await bytesOf(path);
      const sql = `SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${texts(paths)})`;
      estimates.push({ table, rows: await numberOf(connection, sql), bytes, dollars: 0 });
    }
    return estimates;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

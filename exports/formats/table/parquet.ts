import { name, text } from '../../../core/duckdb/sql.ts';
import type { FormatJob, Written } from '../format.ts';
import type { TableColumn } from './columns.ts';
import { tableName } from './name.ts';
import { tableRows } from './rows.ts';

/** Rows that are in memory together while they are written. */
const rowGroup = 8192;

/** The same table as Parquet: typed, with all values of a list, distinct and in order. */
export async function writeParquet(job: FormatJob): Promise<Written> {
  const { selection, file } = job;
  const { columns, sql, count } = await tableRows(job, typed);
  const shown = columns.map(({ header }, i) => `c${i} AS ${name(header)}`);
  await selection.run(`COPY (SELECT ${shown.join(', ')} FROM (${sql}) ORDER BY entity_id, part)
    TO ${text(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroup})`);
  job.onProgress(selection.rows);
  return { rows: count, name: await tableName(job, 'parquet') };
}

const typed = ({ list }: TableColumn, value: string): string => (list ? `list_sort(list_distinct(${value}))` : value);

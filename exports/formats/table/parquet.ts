import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { name, text } from '../../../core/duckdb/sql.ts';
import { sqlTypes } from '../../../core/exports/document-rows.ts';
import { byOneThread } from '../copied.ts';
import type { FormatJob, Written } from '../format.ts';
import { documentOrder, inOrder } from '../spool.ts';
import type { TableColumn } from './columns.ts';
import { tableName } from './name.ts';
import { tableRows } from './rows.ts';

/** Rows that are in memory together while they are written. */
const rowGroup = 8192;

/** The same table as Parquet: typed, with all values of a list, distinct and in order. Rows are sorted as JSON. */
export async function writeParquet(job: FormatJob): Promise<Written> {
  const { selection, file, signal } = job;
  const { columns, sql, count } = await tableRows(job, typed);
  const members = columns.map((_, i) => `c${i} := c${i}`).join(', ');
  const rows = { id: documentOrder('part'), value: `to_json(struct_pack(${members}))`, from: `(${sql})`, isWide: true };
  const sorted = join(selection.temporary, 'rows.jsonl');
  async function* lines(): AsyncGenerator<Buffer> {
    for await (const some of inOrder(selection, rows, join(selection.temporary, 'rows')))
      yield Buffer.concat(some.flatMap((one) => [one, lineEnd]));
  }
  await writeFile(sorted, lines(), { signal });
  const types = columns.map((column, i) => `c${i}: ${text(typeOf(column))}`).join(', ');
  const shown = columns.map(({ header }, i) => `c${i} AS ${name(header)}`).join(', ');
  const from = `read_json(${text(sorted)}, format = 'newline_delimited', columns = {${types}})`;
  await byOneThread(selection, () =>
    selection.run(`COPY (SELECT ${shown} FROM ${from})
      TO ${text(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroup})`),
  );
  await rm(sorted);
  job.onProgress(selection.rows);
  return { rows: count, name: await tableName(job, 'parquet') };
}

const lineEnd = Buffer.from('\n');

const typed = ({ list }: TableColumn, value: string): string => (list ? `list_sort(list_distinct(${value}))` : value);

const typeOf = ({ type, list }: TableColumn): string => (list ? `${sqlTypes[type]}[]` : sqlTypes[type]);

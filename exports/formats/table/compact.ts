import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from '../../../core/duckdb/sql.ts';
import type { FormatJob, Written } from '../format.ts';
import { documentOrder, inOrder } from '../spool.ts';
import { cell, quoted, quotedCell } from './cells.ts';
import { tableName } from './name.ts';
import { tableRows } from './rows.ts';

const lineEnd = '\r\n';

/** A table as text: fields between tabs, lines that end in CRLF (specification, manifests 4). DuckDB makes whole lines. */
export async function writeCompact(job: FormatJob): Promise<Written> {
  const { selection, file, signal, onProgress } = job;
  const { columns, sql, count } = await tableRows(job, cell);
  const cells = columns.map((column, i) => quotedCell(column, `c${i}`)).join(`, '\t', `);
  const line = `concat(${cells}, ${text(lineEnd)})`;
  async function* lines(): AsyncGenerator<Buffer> {
    yield Buffer.from(columns.map((column) => quoted(column.header)).join('\t') + lineEnd);
    const rows = { id: documentOrder('part'), value: line, from: `(${sql})` };
    for await (const some of inOrder(selection, rows, join(selection.temporary, 'lines'))) yield Buffer.concat(some);
  }
  await writeFile(file, lines(), { signal });
  onProgress(selection.rows);
  return { rows: count, name: await tableName(job, 'tsv') };
}

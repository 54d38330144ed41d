import { name, text } from '../../../core/duckdb/sql.ts';
import type { FormatJob, Written } from '../format.ts';
import { cell, quoted, quotedCell } from './cells.ts';
import { tableName } from './name.ts';
import { tableRows } from './rows.ts';

/**
 * A table as text: fields between tabs, lines that end in CRLF (specification, manifests 4). DuckDB writes it, and quotes
 * nothing itself: it would quote more than the established system does.
 */
export async function writeCompact(job: FormatJob): Promise<Written> {
  const { selection, file } = job;
  const { columns, sql, count } = await tableRows(job, cell);
  const shown = columns.map((column, i) => `${quotedCell(column, `c${i}`)} AS ${name(quoted(column.header))}`);
  await selection.run(`COPY (SELECT ${shown.join(',\n')} FROM (${sql}) ORDER BY entity_id, part)
    TO ${text(file)} (FORMAT csv, HEADER, DELIMITER '\t', QUOTE '', ESCAPE '', NEW_LINE '\\r\\n')`);
  job.onProgress(selection.rows);
  return { rows: count, name: await tableName(job, 'tsv') };
}

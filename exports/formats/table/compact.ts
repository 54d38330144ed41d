import { name, text } from '../../../core/duckdb/sql.ts';
import type { FormatJob, Written } from '../format.ts';
import { cell, quoted, quotedCell } from './cells.ts';
import { tableName } from './name.ts';
import { tableRows } from './rows.ts';

/**
 * A table as text: fields between tabs, lines that end in CRLF (specification, manifests 4). DuckDB writes lines that are
 * whole already: it would quote more than the established system does, and sorts lines faster than many columns.
 */
export async function writeCompact(job: FormatJob): Promise<Written> {
  const { selection, file } = job;
  const { columns, sql, count } = await tableRows(job, cell);
  const header = columns.map((column) => quoted(column.header)).join('\t');
  const cells = columns.map((column, i) => quotedCell(column, `c${i}`)).join(`, '\t', `);
  await selection.run(`COPY (
    SELECT line AS ${name(header)} FROM (SELECT entity_id, part, concat(${cells}) AS line FROM (${sql})) ORDER BY entity_id, part)
    TO ${text(file)} (FORMAT csv, HEADER, DELIMITER '\t', QUOTE '', ESCAPE '', NEW_LINE '\\r\\n')`);
  job.onProgress(selection.rows);
  return { rows: count, name: await tableName(job, 'tsv') };
}

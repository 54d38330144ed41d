import { json, type Output, printLines, table } from '../output.ts';
import type { SqlResult } from './result.ts';

export type Format = 'table' | 'json' | 'csv';

/** Prints a result: a table for people, a JSON list of objects, or CSV (RFC 4180). */
export function printRows(result: SqlResult, format: Format, output: Output): void {
  const { columns } = result;
  if (format === 'json') {
    output.data(json(result.rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])))));
  } else if (format === 'csv') {
    output.data([columns, ...result.texts].map((row) => row.map(csvField).join(',')).join('\r\n'));
  } else {
    const rows = result.texts.map((row) => row.map(cut));
    printLines(output.out, [...table(columns, rows), `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`]);
  }
}

const csvField = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** Longer values would make a table unreadable. */
const maxCell = 80;

/** Never between the halves of a character. */
const cut = (value: string): string =>
  value.length > maxCell ? `${value.slice(0, maxCell - 1).replace(/[\ud800-\udbff]$/, '')}…` : value;

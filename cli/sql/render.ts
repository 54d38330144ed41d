import { json, type Output, printLines, table } from '../output.ts';
import type { SqlResult } from './session.ts';

export type Format = 'table' | 'json' | 'csv';

/** Prints a result: a table for people, a JSON list of objects, or CSV (RFC 4180). */
export function printRows(result: SqlResult, format: Format, output: Output): void {
  const { columns, rows } = result;
  if (format === 'json') {
    output.data(json(rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])))));
  } else if (format === 'csv') {
    output.data([columns, ...rows].map((row) => row.map((cell) => csvField(plain(cell))).join(',')).join('\r\n'));
  } else {
    const count = `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`;
    printLines(output.out, [...table(columns, shown(rows)), count]);
  }
}

const csvField = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** Longer values would make a table unreadable. */
const maxCell = 80;

const shown = (rows: SqlResult['rows']): string[][] => rows.map((row) => row.map((cell) => cut(plain(cell))));

/** Never between the halves of a character. */
const cut = (value: string): string =>
  value.length > maxCell ? `${value.slice(0, maxCell - 1).replace(/[\ud800-\udbff]$/, '')}…` : value;

function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

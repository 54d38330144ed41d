import { json, table } from '../output.ts';
import type { SqlResult } from './session.ts';

export type Format = 'table' | 'json' | 'csv';

/** A result as text: a table for people, a JSON list of objects, or CSV (RFC 4180). */
export function render({ columns, rows }: SqlResult, format: Format): string {
  switch (format) {
    case 'json':
      return json(rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))));
    case 'csv':
      return [columns, ...rows].map((row) => row.map((cell) => csvField(plain(cell))).join(',')).join('\r\n');
    default:
      return `${table(columns, shown(rows))}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`;
  }
}

const csvField = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** Longer values would make a table unreadable. */
const maxCell = 80;

const shown = (rows: SqlResult['rows']): string[][] => rows.map((row) => row.map((cell) => cut(plain(cell))));

const cut = (value: string): string => (value.length > maxCell ? `${value.slice(0, maxCell - 1)}…` : value);

function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

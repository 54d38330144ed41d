import { json, type Output, printLines, table } from '../output.ts';
import type { SqlStream } from './result.ts';

export type Format = 'table' | 'json' | 'csv';

/** Rows of a table: more are for programs, and a table of many takes long to lay out. */
const mostShown = 500;

/** Prints a result: the first rows as a table for people; all, a part at a time, as a JSON list of objects or CSV (RFC 4180). */
export async function printRows(result: SqlStream, format: Format, output: Output): Promise<void> {
  if (format === 'json') return output.parts(jsonOf(result));
  if (format === 'csv') return output.parts(csvOf(result));
  const rows = await firstRows(result, mostShown + 1);
  const shown = rows.slice(0, mostShown).map((row) => row.map(cut));
  const count =
    rows.length > mostShown
      ? `the first ${mostShown} rows; --json and --csv print all, LIMIT and OFFSET choose`
      : `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  printLines(output.out, [...table(result.columns, shown), `(${count})`]);
}

async function firstRows(result: SqlStream, most: number): Promise<readonly (readonly string[])[]> {
  const first: (readonly string[])[] = [];
  for await (const rows of result.texts()) {
    first.push(...rows.slice(0, most - first.length));
    if (first.length === most) break;
  }
  return first;
}

/** As `json` writes a list. */
async function* jsonOf({ columns, rows }: SqlStream): AsyncGenerator<string> {
  let isFirst = true;
  for await (const some of rows()) {
    const objects = some.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
    const texts = objects.map((one) => `\n  ${json(one).replaceAll('\n', '\n  ')}`);
    yield `${isFirst ? '[' : ','}${texts.join(',')}`;
    isFirst = false;
  }
  yield isFirst ? '[]\n' : '\n]\n';
}

async function* csvOf({ columns, texts }: SqlStream): AsyncGenerator<string> {
  yield lineOf(columns);
  for await (const rows of texts()) yield rows.map((row) => `\r\n${lineOf(row)}`).join('');
  yield '\n';
}

const lineOf = (row: readonly string[]): string => row.map(csvField).join(',');

const csvField = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** Longer values would make a table unreadable. */
const maxCell = 80;

/** Never between the halves of a character. */
const cut = (value: string): string =>
  value.length > maxCell ? `${value.slice(0, maxCell - 1).replace(/[\ud800-\udbff]$/, '')}…` : value;

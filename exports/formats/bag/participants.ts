import { byCodePoint } from '../../../core/config/text.ts';
import { name } from '../../../core/duckdb/sql.ts';
import { type FormatJob, shapeOf } from '../format.ts';
import { cell, cellValues, joiner, quoted } from '../table/cells.ts';
import type { BagColumns } from './columns.ts';

/** A file of a bundle. JSON of the values of united columns are `u0`, `u1`, …, cells of the file `f0`, `f1`, …. */
interface FileRow {
  readonly bundle: number;
  readonly uuid: string;
  readonly version: string;
  readonly qualifier: string;
  readonly [cell: string]: unknown;
}

/**
 * The lines of the table: a header, and one for each bundle in `bag_bundles`. The files of one bundle are in memory together:
 * there are no more than columns for them.
 */
export async function* participants(job: FormatJob, columns: BagColumns): AsyncGenerator<string> {
  yield lineOf(columns.header);
  let bundle: FileRow[] = [];
  for await (const rows of job.selection.stream(filesSql(job, columns))) {
    const lines: string[] = [];
    for (const row of rows as readonly FileRow[]) {
      if (bundle.length > 0 && bundle[0]?.bundle !== row.bundle) {
        lines.push(lineOf(bundleRow(columns, bundle)));
        bundle = [];
      }
      bundle.push(row);
    }
    yield lines.join('');
  }
  if (bundle.length > 0) yield lineOf(bundleRow(columns, bundle));
}

const lineOf = (cells: readonly string[]): string => `${cells.map(quoted).join('\t')}\r\n`;

/** By bundle, and so that files whose names end alike are in the same columns of all bundles. */
function filesSql({ selection }: FormatJob, { united, file }: BagColumns): string {
  const { role, name: called } = shapeOf(selection).file;
  const cells = [
    ...united.map((one, i) => `to_json(${cellValues(one, one.sql)})::VARCHAR AS u${i}`),
    ...file.map((one, i) => `${cell(one, one.sql)} AS f${i}`),
  ];
  return `SELECT b.bundle, b.uuid, b.version, l.qualifier, ${cells.join(',\n')}
    FROM bag_links l JOIN bag_bundles b USING (bundle) JOIN selected s ON s.entity_id = l.entity_id
    ORDER BY b.bundle, l.qualifier, reverse(coalesce(s.${name(`${role}.${called}`)}, '')), s.entity_id`;
}

function bundleRow({ header, united, file, places }: BagColumns, files: readonly FileRow[]): string[] {
  const [{ uuid, version } = { uuid: '', version: '' }] = files;
  const row = [
    `${uuid}.${version.replaceAll(':', '')}`,
    uuid,
    version,
    ...united.map((_, i) => unitedCell(files, `u${i}`)),
  ];
  const own = row.length;
  row.length = header.length;
  row.fill('', own);
  const used = new Map<string, number>();
  for (const one of files) {
    const place = used.get(one.qualifier) ?? places.get(one.qualifier) ?? own;
    for (let i = 0; i < file.length; i++) row[place + i] = shownText(one[`f${i}`]);
    used.set(one.qualifier, place + file.length);
  }
  return row;
}

/** Values of all files; that of a file without any is an empty text among them. */
function unitedCell(files: readonly FileRow[], column: string): string {
  const lists = new Set(files.map((one) => one[column]));
  const values = new Set([...lists].flatMap((list) => filled(list)));
  return [...values].sort(byCodePoint).join(joiner);
}

function filled(list: unknown): readonly string[] {
  const values = typeof list === 'string' ? (JSON.parse(list) as readonly (string | null)[]) : [];
  return values.length === 0 ? [''] : values.map((value) => value ?? '');
}

const shownText = (value: unknown): string => (typeof value === 'string' ? value : '');

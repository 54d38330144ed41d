import { join } from 'node:path';
import { byCodePoint, parsedJson } from '../../../core/config/text.ts';
import { name } from '../../../core/duckdb/sql.ts';
import type { Ordered } from '../copied.ts';
import { type FormatJob, shapeOf } from '../format.ts';
import { byNumber } from '../numbered.ts';
import { cell, cellValues, joiner, quoted } from '../table/cells.ts';
import type { BagColumns } from './columns.ts';

/** A file of a bundle. */
interface FileRow {
  readonly bundle: number;
  readonly uuid: string;
  readonly version: string;
  readonly qualifier: string;
  /** values of united columns */
  readonly united: readonly (readonly (string | null)[] | null)[];
  /** cells of the file's own columns */
  readonly own: readonly (string | null)[];
}

/**
 * The lines of the table: a header, and one for each bundle in `bag_bundles`. The files of one bundle are in memory together:
 * there are no more than columns for them.
 */
export async function* participants(job: FormatJob, columns: BagColumns): AsyncGenerator<string> {
  yield lineOf(columns.header);
  let bundle: FileRow[] = [];
  await job.selection.run(orderStatement(job));
  const files = byNumber(job.selection, filesOf(columns), join(job.selection.temporary, 'bag-files'));
  for await (const rows of files) {
    const lines: string[] = [];
    for (const row of rows.map((one) => parsedJson(one) as FileRow)) {
      if (bundle.length > 0 && bundle[0]?.bundle !== row.bundle) {
        lines.push(lineOf(bundleRow(columns, bundle)));
        bundle = [];
      }
      bundle.push(row);
    }
    yield lines.join('');
  }
  if (bundle.length > 0) yield lineOf(bundleRow(columns, bundle));
  await job.selection.run('DROP TABLE bag_order');
}

const lineOf = (cells: readonly string[]): string => `${cells.map(quoted).join('\t')}\r\n`;

/** By bundle, and so that files whose names end alike are in the same columns of all bundles. */
function orderStatement({ selection }: FormatJob): string {
  const { role, name: called } = shapeOf(selection).file;
  return `CREATE OR REPLACE TABLE bag_order AS
    SELECT row_number() OVER (ORDER BY bundle, qualifier, reverse(called), entity_id) AS n, bundle, entity_id, qualifier
    FROM bag_links JOIN (SELECT entity_id, coalesce(${name(`${role}.${called}`)}, '') AS called FROM selected) USING (entity_id)`;
}

/** Rows as JSON of `FileRow`. */
function filesOf({ united, file }: BagColumns): Ordered {
  const values = united.map((one) => cellValues(one, one.sql)).join(',\n');
  const cells = file.map((one) => cell(one, one.sql)).join(',\n');
  const row = `struct_pack(bundle := o.bundle, uuid := o.uuid, version := o.version, qualifier := o.qualifier,
    united := [${values}]::VARCHAR[][], own := [${cells}]::VARCHAR[])`;
  return {
    id: 'o.n',
    value: `to_json(${row})::VARCHAR`,
    from: 'selected s JOIN (SELECT * FROM bag_order JOIN bag_bundles USING (bundle)) o ON s.entity_id = o.entity_id',
    isWide: true,
  };
}

function bundleRow({ header, united, file, places }: BagColumns, files: readonly FileRow[]): string[] {
  const [{ uuid, version } = { uuid: '', version: '' }] = files;
  const row = [`${uuid}.${version.replaceAll(':', '')}`, uuid, version, ...united.map((_, i) => unitedCell(files, i))];
  const own = row.length;
  row.length = header.length;
  row.fill('', own);
  const used = new Map<string, number>();
  for (const one of files) {
    const place = used.get(one.qualifier) ?? places.get(one.qualifier) ?? own;
    for (let i = 0; i < file.length; i++) row[place + i] = one.own[i] ?? '';
    used.set(one.qualifier, place + file.length);
  }
  return row;
}

/** Values of all files; that of a file without any is an empty text among them. */
function unitedCell(files: readonly FileRow[], column: number): string {
  const values = new Set<string>();
  for (const { united } of files) {
    const own = united[column] ?? [];
    for (const value of own.length === 0 ? [''] : own) values.add(value ?? '');
  }
  return [...values].sort(byCodePoint).join(joiner);
}

import { type FormatJob, numberOf, type Selection, shapeOf } from '../format.ts';
import { relatedOf, type TableColumn, tableColumns } from './columns.ts';

/** Rows of a table of files: one for each document, and one for each related file. */
export interface TableRows {
  readonly columns: readonly TableColumn[];
  /** SQL of rows: columns `c0`, `c1`, …, and `entity_id` and `part`, by which they are ordered */
  readonly sql: string;
  readonly count: number;
}

/** @param shown SQL of what a column shows of a value */
export async function tableRows(
  job: FormatJob,
  shown: (column: TableColumn, value: string) => string,
): Promise<TableRows> {
  const { selection } = job;
  const columns = tableColumns(job);
  const select = (part: string, sql: (column: TableColumn) => string): string =>
    ['SELECT entity_id', `${part} AS part`, ...columns.map((one, i) => `${shown(one, sql(one))} AS c${i}`)].join(',\n');
  const own = `${select('0', ({ sql }) => sql)} FROM selected`;
  const related = await relatedFiles(selection);
  const all =
    related === null ? own : `${own}\nUNION ALL\n${select('part', (one) => one.related)} FROM (${related.sql})`;
  return { columns, sql: all, count: selection.rows + (related?.count ?? 0) };
}

/** Related files of a selection. */
export interface RelatedFiles {
  /** SQL of rows: those of `selected`, with the object of a related file as `f` and its number as `part` */
  readonly sql: string;
  readonly count: number;
}

/** @returns null where there are none */
export async function relatedFiles(selection: Selection): Promise<RelatedFiles | null> {
  const list = relatedOf(shapeOf(selection));
  if (list === null) return null;
  const count = await numberOf(selection, `SELECT coalesce(sum(len(${list})), 0)::DOUBLE AS n FROM selected`);
  if (count === 0) return null;
  const sql = `SELECT *, unnest(${list}) AS f, generate_subscripts(${list}, 1) AS part FROM selected WHERE len(${list}) > 0`;
  return { sql, count };
}

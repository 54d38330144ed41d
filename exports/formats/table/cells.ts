import { text } from '../../../core/duckdb/sql.ts';
import type { TableColumn } from './columns.ts';

/** Values that a cell has at most (specification, manifests 4.2). */
const maxValues = 100;

/** Between the values of a cell. */
export const joiner = ' || ';

/** SQL of a cell: its values joined. @param value SQL of the value or list of values */
export function cell(column: TableColumn, value: string): string {
  if (!column.list) return textOf(value, column);
  // Nulls are not joined.
  if (column.isSorted) return `array_to_string(list_slice(${value}, 1, ${maxValues}), ${text(joiner)})`;
  const joined = `array_to_string(${cellValues(column, value)}, ${text(joiner)})`;
  return `CASE WHEN len(${value}) = 1 THEN ${textOf(`(${value})[1]`, column)} ELSE ${joined} END`;
}

/**
 * SQL of the values of a cell: distinct, as text, in order, the first hundred of them. A null is no value, but where each of
 * several has one: there it is an empty text.
 */
export function cellValues(column: TableColumn, value: string): string {
  const { list, holdsNull, isSorted } = column;
  if (!list) return `[${textOf(value, column)}]`;
  if (isSorted) return `list_filter(list_slice(${value}, 1, ${maxValues}), lambda v: v IS NOT NULL)`;
  const one = textOf('v', column);
  const each = holdsNull ? `coalesce(${one}, '')` : one;
  const texts = each === 'v' ? value : `list_transform(${value}, lambda v: ${each})`;
  return `list_slice(list_sort(list_distinct(${texts})), 1, ${maxValues})`;
}

/** A value as the established system writes it. */
function textOf(value: string, { type, unit }: TableColumn): string {
  switch (type) {
    case 'bool':
      return `CASE ${value} WHEN true THEN 'True' WHEN false THEN 'False' END`;
    case 'int':
    case 'float':
      return `(${value})::VARCHAR`;
    case 'range':
      return rangeText(value, unit);
    case 'object':
    case 'counts':
      return `to_json(${value})::VARCHAR`;
    default:
      return value;
  }
}

/** `5-8 year`; `5-`, `-8` and `5` where an end is open, or both are the same. */
function rangeText(value: string, unit: string | null): string {
  const end = (side: string): string => `coalesce(regexp_replace(${value}.${side}::VARCHAR, '\\.0$', ''), '')`;
  const both = `CASE WHEN ${value}.gte = ${value}.lte THEN ${end('gte')} ELSE concat(${end('gte')}, '-', ${end('lte')}) END`;
  return `CASE WHEN ${value} IS NOT NULL THEN concat(${both}, ${unit ?? "''"}) END`;
}

/**
 * SQL of a cell as tables have it: quoted where it has to be, with a quote twice inside (specification, manifests 4.1).
 *
 * @param shown a column with the cell
 */
export function quotedCell({ type }: TableColumn, shown: string): string {
  if (type === 'int' || type === 'float' || type === 'bool') return shown;
  const doubled = `concat('"', replace(${shown}, '"', '""'), '"')`;
  const isSpecial = specials.map((one) => `contains(${shown}, chr(${one}))`).join(' OR ');
  return `CASE WHEN ${isSpecial} THEN ${doubled} ELSE ${shown} END`;
}

/** Tab, line breaks and the quote. */
const specials = [9, 10, 13, 34];
const special = new RegExp(`[${String.fromCharCode(...specials)}]`);

/** The same for text. */
export const quoted = (value: string): string => (special.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

import { name, text } from '../../core/duckdb/sql.ts';
import { type DocumentField, idColumn } from '../../core/model/fields.ts';
import type { ColumnType, MetadataPlugin } from '../../core/model/metadata.ts';
import { optionalColumns } from '../../core/staged/layout.ts';

/**
 * How staged values become JSON text in SQL. Columns are those of one inner table, unqualified.
 */

/** SQL that gives what a table shows under a field: its column, a constant, or null where it shows nothing. */
export function shownValue(field: DocumentField, table: string): string | null {
  const from = field.from[table];
  if (from === undefined) return null;
  if ('column' in from) return name(from.column);
  const constant = from.constant === null ? 'NULL::VARCHAR' : text(from.constant);
  return field.list ? `[${constant}]` : constant;
}

/** SQL that is true where the field is present in a row; null where it always is. */
export function presence(plugin: MetadataPlugin, field: DocumentField, table: string): string | null {
  const from = field.from[table];
  if (from === undefined) return 'false';
  if ('constant' in from) return null;
  if (from.column === idColumn) return `${name(idColumn)} IS NOT NULL`;
  const bit = optionalColumns(plugin, table).indexOf(from.column);
  return bit < 0 ? null : `(absent & ${2 ** bit}) = 0`;
}

/** The JSON text of one value of a type; SQL null where the value is null. */
export function jsonOf(type: ColumnType, value: string): string {
  switch (type) {
    case 'string':
    case 'datetime':
    case 'quantity':
      return `to_json(${value})::VARCHAR`;
    case 'object':
      return value;
    case 'range':
      return rangeJson(value);
    case 'counts':
      return `to_json(map_from_entries(${value}))::VARCHAR`;
    default:
      return `${value}::VARCHAR`;
  }
}

/** A range as the index has it: an open bound is left out. */
function rangeJson(value: string): string {
  const low = `'"gte":' || ${value}.low::VARCHAR`;
  const high = `'"lte":' || ${value}.high::VARCHAR`;
  return `CASE WHEN ${value} IS NOT NULL THEN '{' || concat_ws(',', ${low}, ${high}) || '}' END`;
}

/**
 * The JSON text of a whole field of a row. An empty list of scalars is a list of one null, as in the
 * established system (specification, indexing 7.7); a list of objects stays empty.
 */
export function fieldJson(field: DocumentField, value: string): string {
  if (!field.list) return `coalesce(${jsonOf(field.type, value)}, 'null')`;
  const element = `coalesce(${jsonOf(field.type, 'x')}, 'null')`;
  const joined = `array_to_string(list_transform(${value}, lambda x: ${element}), ',')`;
  const empty = field.type === 'object' ? "''" : "'null'";
  return `'[' || CASE WHEN len(${value}) > 0 THEN ${joined} ELSE ${empty} END || ']'`;
}

/** SQL that is true where a field of a row is null, or a list with a null. */
export function hasNull(field: DocumentField, value: string): string {
  if (!field.list) return `${value} IS NULL`;
  if (field.type === 'object') return 'false';
  return `(${value} IS NULL OR len(${value}) = 0 OR list_count(${value}) < len(${value}))`;
}

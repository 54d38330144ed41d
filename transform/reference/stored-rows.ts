import type { DuckDBListValue, DuckDBStructValue, DuckDBValue } from '@duckdb/node-api';
import { parseVerbatim } from '../../core/model/json.ts';
import type { ColumnType, MetadataPlugin } from '../../core/model/metadata.ts';
import { optionalColumns } from '../../core/staged/layout.ts';
import type { Row } from '../store/store.ts';
import type { InnerRow } from './inner.ts';

/** From a row of an inner table, as the store has it, to values as the plug-in gave them; absent ones are left out. */
export function innerRow(plugin: MetadataPlugin, table: string, row: Row): InnerRow {
  const columns = Object.entries(plugin.tables[table]?.columns ?? {});
  const optional = optionalColumns(plugin, table);
  const isPresent = (column: string): boolean => {
    const bit = optional.indexOf(column);
    return bit < 0 || (Number(row.absent) & (2 ** bit)) === 0;
  };
  const values = columns
    .filter(([name]) => isPresent(name))
    .map(([name, { type, list }]) => [name, list ? listOf(type, row[name]) : scalarOf(type, row[name])] as const);
  const id = row.document_id ?? null;
  return { table, id: id === null ? null : String(id), values: Object.fromEntries(values) };
}

type Stored = DuckDBValue | undefined;

function listOf(type: ColumnType, value: Stored): unknown {
  return isNull(value) ? null : (value as DuckDBListValue).items.map((item) => scalarOf(type, item));
}

function scalarOf(type: ColumnType, value: Stored): unknown {
  if (isNull(value)) return null;
  switch (type) {
    case 'int':
      return Number(value);
    case 'object':
      return parseVerbatim(String(value));
    case 'range': {
      const { low, high } = (value as DuckDBStructValue).entries;
      return [low ?? null, high ?? null];
    }
    case 'counts': {
      const entries = (value as DuckDBListValue).items.map((item) => (item as DuckDBStructValue).entries);
      return Object.fromEntries(entries.map(({ key, count }) => [String(key), Number(count)]));
    }
    default:
      return value;
  }
}

const isNull = (value: Stored): value is null | undefined => value === null || value === undefined;

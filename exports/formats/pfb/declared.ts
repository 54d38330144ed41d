import { byCodePoint } from '../../../core/config/text.ts';
import { numberOf } from '../../../core/model/json.ts';
import type { ManifestShape, VerbatimColumn } from '../../../core/model/manifests.ts';
import type { AvroRecord, AvroSchema, Encodable } from './avro.ts';
import type { Inferred } from './inferred.ts';

type Tables = NonNullable<ManifestShape['verbatim']>;

/**
 * Tables as a plug-in declares them, with their columns, both in the order of their names (specification, manifests 8.4). What
 * entities have beside these isn't written.
 */
export function declaredTables(tables: Tables): ReadonlyMap<string, Inferred<AvroRecord>> {
  const sorted = Object.entries(tables).sort(([a], [b]) => byCodePoint(a, b));
  return new Map(sorted.map(([name, columns]) => [name, declaredTable(name, columns)]));
}

function declaredTable(table: string, columns: Tables[string]): Inferred<AvroRecord> {
  const sorted = Object.entries(columns).sort(([a], [b]) => byCodePoint(a, b));
  const fields = sorted.map(([name, column]) => ({ namespace: table, name, type: typeOf(column) }));
  const encode = (value: unknown): Encodable => {
    const members = value as Readonly<Record<string, unknown>>;
    const values = sorted.map(([name, column], i) => [`f${i}`, encoded(column, members[name])]);
    return Object.fromEntries(values);
  };
  return { schema: { type: 'record', name: table, fields }, encode };
}

function typeOf({ type, list, nullable }: VerbatimColumn): AvroSchema {
  const own = list ? ({ type: 'array', items: ['null', type] } as const) : type;
  return nullable ? ['null', own] : own;
}

/** @param value undefined where the entity doesn't have it */
function encoded({ list, nullable }: VerbatimColumn, value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scalar);
  if (value === null || value === undefined) return list && !nullable ? [] : null;
  return scalar(value);
}

/** Numbers may be kept as text. */
const scalar = (value: unknown): unknown => numberOf(value) ?? value;

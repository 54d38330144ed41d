import type { ApiField } from '../fields/api-fields.ts';
import { entityIdPath } from '../fields/envelope.ts';
import type { Query } from '../filter/opensearch.ts';

export type Order = 'asc' | 'desc';
/** By what a document stands in a list: null stands for null and absent. */
export type SortValue = string | number | null;
/** Place of a document in a list: its value and its id. */
export type SortKey = readonly [SortValue, string];

/**
 * Sorts by the smallest of a document's values in both directions, documents without one last when
 * ascending and first when descending, then by id (specification, query-semantics 6). Objects sort by
 * their first member. Ranges have no order: they, and fields that no document has, leave that of the ids.
 */
export function sortClauses(field: ApiField, order: Order): readonly Query[] {
  const missing = order === 'asc' ? '_last' : '_first';
  const tieBreak = { [entityIdPath]: { order } };
  if (!isOrdered(field)) return [tieBreak];
  const clause = { order, missing, mode: 'min', unmapped_type: engineType(field) };
  if (field.type !== 'object') return [{ [field.path]: clause }, tieBreak];
  const [first] = Object.keys(field.members);
  return [{ [`${field.path}.${first}`]: { ...clause, nested: { path: field.path } } }, tieBreak];
}

/** The key of a document from the sort values that the engine gave. */
export function sortKey(field: ApiField, values: readonly unknown[]): SortKey {
  const id = String(values.at(-1));
  return [isOrdered(field) ? sortValue(field, values[0]) : null, id];
}

/** Sort values as the engine takes them back. */
export function engineValues(field: ApiField, [value, id]: SortKey): readonly unknown[] {
  if (!isOrdered(field)) return [id];
  return [value ?? missingValue(field), id];
}

/** Whether a cursor can hold this value of the field. */
export function isSortValue(field: ApiField, value: unknown): value is SortValue {
  if (value === null) return true;
  if (!isOrdered(field)) return false;
  if (!isNumeric(field)) return typeof value === 'string';
  if (field.type === 'bool') return value === 0 || value === 1;
  return typeof value === 'number' && (field.type === 'float' || Number.isSafeInteger(value));
}

const isOrdered = ({ type, indexed }: ApiField): boolean => indexed && type !== 'range';
const isNumeric = ({ type }: ApiField): boolean => type === 'int' || type === 'float' || type === 'bool';

/** The engine sorts numbers that aren't there by the largest number of their type, and says so. */
function missingValue({ type }: ApiField): unknown {
  if (type === 'int') return '9223372036854775807';
  if (type === 'bool') return 2_147_483_647;
  return type === 'float' ? 'Infinity' : null;
}

function sortValue(field: ApiField, value: unknown): SortValue {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  return isNumeric(field) && Number(value) === Number(missingValue(field)) ? null : value;
}

function engineType({ type }: ApiField): string {
  if (type === 'int') return 'long';
  if (type === 'bool') return 'boolean';
  return type === 'float' ? 'double' : 'keyword';
}

import { type ApiField, valuesPath } from '../fields/api-fields.ts';
import { entityIdPath } from '../fields/envelope.ts';
import type { Query } from '../filter/opensearch.ts';

export type Order = 'asc' | 'desc';
/** By what a document stands in a list: null stands for null and absent. */
export type SortValue = string | number | null;
/** Place of a document in a list. */
export interface SortKey {
  readonly value: SortValue;
  /** the field isn't there: such documents are even further down than those where it is null */
  readonly absent: boolean;
  readonly id: string;
}

/**
 * Sorts by the smallest of a document's values in both directions; ascending, documents where it is
 * null follow, then those that don't have the field; then by id (specification, query-semantics 6).
 * Objects sort by their first member. Ranges have no order: they, and fields that no document has,
 * leave that of the ids.
 */
export function sortClauses(field: ApiField, order: Order): readonly Query[] {
  const missing = order === 'asc' ? '_last' : '_first';
  const tieBreak = { [entityIdPath]: { order } };
  if (!isOrdered(field)) return [tieBreak];
  const clause = { order, missing, mode: 'min', unmapped_type: engineType(field) };
  if (!tellsAbsent(field)) {
    const [first] = Object.keys(field.members);
    return [{ [valuesPath(field, first)]: { ...clause, nested: { path: field.path } } }, tieBreak];
  }
  const script = absence(field);
  return [{ [valuesPath(field)]: clause }, { _script: { type: 'number', order, script } }, tieBreak];
}

/** 1 where a document doesn't have the field, 0 where it has or is null; only asked where values tie. */
function absence(field: ApiField) {
  const has = 'doc.containsKey(params.values) && doc[params.values].size() > 0';
  const source = `${has} || doc['_nulls'].contains(params.path) ? 0 : 1`;
  return { lang: 'painless', source, params: { values: valuesPath(field), path: field.path } };
}

/** The key of a document from the sort values that the engine gave. */
export function sortKey(field: ApiField, values: readonly unknown[]): SortKey {
  const id = String(values.at(-1));
  if (!isOrdered(field)) return { value: null, absent: false, id };
  return { value: sortValue(field, values[0]), absent: tellsAbsent(field) && values[1] === 1, id };
}

/** Sort values as the engine takes them back. */
export function engineValues(field: ApiField, { value, absent, id }: SortKey): readonly unknown[] {
  if (!isOrdered(field)) return [id];
  const first = value ?? missingValue(field);
  return tellsAbsent(field) ? [first, absent ? 1 : 0, id] : [first, id];
}

/** Whether a cursor can hold this value of the field. */
export function isSortValue(field: ApiField, value: unknown): value is SortValue {
  if (value === null) return true;
  if (!isOrdered(field)) return false;
  if (!isNumeric(field)) return typeof value === 'string';
  if (field.type === 'bool') return value === 0 || value === 1;
  return typeof value === 'number' && (field.type === 'float' || Number.isSafeInteger(value));
}

/** How lists sorted by a field are ordered: keys of one kind are places in lists of that kind only. */
export function orderKind(field: ApiField): string {
  if (!isOrdered(field)) return 'id';
  return field.type === 'object' ? `object ${Object.keys(field.members)[0]}` : field.type;
}

const isOrdered = ({ type, indexed }: ApiField): boolean => indexed && type !== 'range';
/** Of objects only that there are none is known. */
const tellsAbsent = ({ type }: ApiField): boolean => type !== 'object';
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

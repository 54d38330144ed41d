import { byCodePoint } from '../config/text.ts';

/** A value as JSON, the same text for equal values: members of objects are in order. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).sort(([a], [b]) => byCodePoint(a, b));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

/** What filters ask for, whatever the order of fields and values, and however often a value is there. */
export function canonicalFilters(filters: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(filters).map(([field, entry]) => [field, withSortedValues(entry)]);
  return canonicalJson(Object.fromEntries(entries));
}

/** @param entry of a field: relations with lists of values */
function withSortedValues(entry: unknown): unknown {
  if (entry === null || typeof entry !== 'object') return entry;
  const relations = Object.entries(entry).map(([relation, values]) => [relation, sortedValues(values)]);
  return Object.fromEntries(relations);
}

function sortedValues(values: unknown): unknown {
  if (!Array.isArray(values)) return values;
  const byText = new Map(values.map((value) => [canonicalJson(value), value]));
  return [...byText].sort(([a], [b]) => byCodePoint(a, b)).map(([, value]) => value);
}

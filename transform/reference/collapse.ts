import { type Cut, type KnownLimits, knownLimits, mostKnown } from '../../core/documents/cuts.ts';
import { collapsesToList, type DocumentField, hasRest, shownLimit } from '../../core/model/fields.ts';
import type { ColumnType, Json, MetadataPlugin } from '../../core/model/metadata.ts';
import type { Members } from './contribution.ts';
import { compareValues, elementsOf, memberText, quantityText } from './elements.ts';

export interface Collapsed {
  readonly value: Json;
  /** where a limit cut it; with the values that are known beyond it, null among them */
  readonly cut?: Omit<Cut, 'path'> & { readonly rest: readonly Json[] };
}

/** One field over a group of inner entities (indexing 7.6); undefined where none of them has it. */
export function collapsedField(
  plugin: MetadataPlugin,
  field: DocumentField,
  group: readonly Members[],
  known: KnownLimits = knownLimits,
): Collapsed | undefined {
  const { aggregate, role } = field;
  const name = plugin.roles[role]?.collapsedOnly?.[field.name]?.of ?? field.name;
  if (aggregate.kind === 'sum') return whole(sum(distinct(group, aggregate.distinctBy, name), field.type));
  if (aggregate.kind === 'count') return whole(distinct(group, aggregate.distinctBy, name).length);
  const present = group.filter((entity) => Object.hasOwn(entity, name));
  if (present.length === 0) return undefined;
  const values = present.map((entity) => entity[name] as Json);
  if (aggregate.kind === 'frequency') return limited(field, frequent(field, values), known);
  const all = sorted(field, values);
  switch (aggregate.kind) {
    case 'unique_count':
      return whole(all.length);
    case 'min':
      return whole(all.find((value) => value !== null) ?? null);
    case 'max':
      return whole(all.findLast((value) => value !== null) ?? null);
    case 'single':
      return whole(collapsesToList(field) ? all : (all[0] ?? null));
    case 'dictionary':
      return limited(field, firstBy(all, aggregate.by), known);
    default:
      return limited(field, all, known);
  }
}

const whole = (value: Json): Collapsed => ({ value });

function limited(field: DocumentField, values: readonly Json[], known: KnownLimits): Collapsed {
  const limit = shownLimit(field);
  if (limit === null || values.length <= limit) return whole(values);
  const most = mostKnown(limit, known);
  const found = hasRest(field) ? Math.max(limit, fitting(values.slice(0, most), known.textBytes)) : limit;
  const total = Math.min(values.length, most + 1);
  const rest = values.slice(limit, found);
  return { value: values.slice(0, limit), cut: { shown: limit, total, found: found === values.length, rest } };
}

/** How many of the values have texts of so many bytes together. */
function fitting(values: readonly Json[], most: number): number {
  let bytes = 0;
  const beyond = values.findIndex((value) => {
    bytes += bytesOf(value);
    return bytes > most;
  });
  return beyond < 0 ? values.length : beyond;
}

/** Of a text, or a quantity as the index has it. */
function bytesOf(value: Json): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value !== null && typeof value === 'object' && 'unit' in value ? Buffer.byteLength(quantityText(value)) : 0;
}

/** Distinct values in ascending order, null last; a missing object is none. */
function sorted(field: DocumentField, values: readonly Json[]): readonly Json[] {
  const elements = values.flatMap((value) => elementsOf(field, value));
  const counted = field.type === 'object' ? elements.filter((element) => element !== null) : elements;
  return [...new Map(counted.map((element) => [JSON.stringify(element), element])).values()].sort(compareValues(field));
}

/** The first object of each key: where objects of one key differ, the one with the lowest text. */
function firstBy(objects: readonly Json[], by: string): readonly Json[] {
  const first = new Map<string, Json>();
  for (const object of objects) if (!first.has(memberText(object, by))) first.set(memberText(object, by), object);
  return [...first.values()];
}

/** By descending count, then ascending; counts of a row add up by key. */
function frequent(field: DocumentField, values: readonly Json[]): readonly Json[] {
  const counts = new Map<string, { readonly value: Json; readonly count: number }>();
  const add = (value: Json, more: number): void => {
    const key = JSON.stringify(value);
    counts.set(key, { value, count: (counts.get(key)?.count ?? 0) + more });
  };
  for (const value of values) {
    if (field.type !== 'counts') for (const element of elementsOf(field, value)) add(element, 1);
    else for (const [key, count] of Object.entries(value ?? {})) add(key, count as number);
  }
  const compare = compareValues({ type: field.type === 'counts' ? 'string' : field.type, aggregate: field.aggregate });
  return [...counts.values()].sort((a, b) => b.count - a.count || compare(a.value, b.value)).map(({ value }) => value);
}

/**
 * One value per distinct key: the smallest that is not null. An entity without id is like no other
 * where the key is made of the id.
 */
function distinct(group: readonly Members[], by: readonly string[], name: string): readonly (number | null)[] {
  const values = new Map<string, number | null>();
  group.forEach((entity, i) => {
    const own = by.includes('document_id') && typeof entity.document_id !== 'string' ? i : null;
    const key = JSON.stringify([own, ...by.map((column) => entity[column] ?? null)]);
    values.set(key, smallest(values.get(key) ?? null, (entity[name] ?? null) as number | null));
  });
  return [...values.values()];
}

/** Null where there is nothing but nulls. Integers add up to one that a double may not hold: it is rounded but once. */
function sum(values: readonly (number | null)[], type: ColumnType): number | null {
  const numbers = values.filter((value) => value !== null);
  if (numbers.length === 0) return null;
  if (type === 'int') return Number(numbers.reduce((a, b) => a + BigInt(b), 0n));
  return numbers.sort((a, b) => a - b).reduce((a, b) => a + b, 0);
}

function smallest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

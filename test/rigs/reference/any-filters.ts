import * as fc from 'fast-check';
import type { Document, Json } from '../../../core/model/metadata.ts';
import type { ApiField, EntityFields } from '../../../query/fields/api-fields.ts';
import type { Filters } from './filters.ts';
import { keyOf, valuesOf } from './values.ts';

/** Filters that callers could write after a look at the documents: on some fields, by values that occur, and by others. */
export function anyFilters(documents: readonly Document[], fields: EntityFields): fc.Arbitrary<Filters> {
  const entries = [...fields.byName.values()]
    .filter(({ name }) => name !== fields.sourceId)
    .map((field) => anyEntry(documents, field).map((entry) => [field.name, entry] as const));
  return fc
    .uniqueArray(fc.oneof(...entries), { maxLength: 3, selector: ([name]) => name })
    .map((found) => Object.fromEntries(found));
}

type Entry = Filters[string];

function anyEntry(documents: readonly Document[], field: ApiField): fc.Arbitrary<Entry> {
  const present = documents.flatMap((document) => valuesOf(document, field)).filter((value) => value !== null);
  const values = [...new Map(present.map((value) => [JSON.stringify(value), value])).values()];
  if (field.type === 'range') return fc.oneof(anyRange(values as [number, number][]), onlyNull);
  const is = anyValues(field, values).map((wanted) => ({ is: wanted }));
  if (field.type === 'int' || field.type === 'float') return fc.oneof(is, anyWithin(values as number[], 0));
  return field.type === 'datetime' ? fc.oneof(is, anyWithin(values as string[], '2020-01-01T00:00:00.000000Z')) : is;
}

const onlyNull = fc.constant<Entry>({ is: [null] });

/** Also as facets show them: booleans and numbers as text, objects by their first member. */
function anyValues(field: ApiField, values: readonly Json[]): fc.Arbitrary<Json[]> {
  const occurring = values.length === 0 ? [] : [fc.constantFrom(...values)];
  const shown = field.type === 'bool' || field.type === 'int' ? occurring.map((one) => one.map(keyOf)) : [];
  const parts = field.type === 'object' ? occurring.map((one) => one.chain((object) => partsOf(object, field))) : [];
  return fc.array(fc.oneof(fc.constant(null), other(field), ...occurring, ...shown, ...parts), { maxLength: 4 });
}

/** One member of an object; of facets also their term for it. */
function partsOf(object: Json, { facet, members }: ApiField): fc.Arbitrary<Json> {
  const properties = Object.entries(object as Readonly<Record<string, Json>>);
  const [first = ''] = Object.keys(members);
  const terms = facet ? properties.flatMap(([name, value]) => (name === first ? [value] : [])) : [];
  return fc.constantFrom(...terms, ...properties.map((property): Json => Object.fromEntries([property])));
}

/** A value of the right type that hardly occurs. */
function other({ type, members }: ApiField): fc.Arbitrary<Json> {
  const [first = ''] = Object.keys(members);
  const byType: Readonly<Record<string, Json>> = {
    int: 41,
    float: 0.5,
    bool: true,
    datetime: '2020-02-02T00:00:00.000000Z',
    quantity: { value: '3', unit: null },
    object: { [first]: null },
  };
  return fc.constant(byType[type] ?? 'no such value');
}

function anyWithin<T extends string | number>(values: readonly T[], otherwise: T): fc.Arbitrary<Entry> {
  const end = fc.constantFrom(...(values.length === 0 ? [otherwise] : values));
  const ranges = fc.tuple(end, end).map(([a, b]): Json => (a < b ? [a, b] : [b, a]));
  const open = fc.oneof(
    end.map((one): Json => [null, one]),
    end.map((one): Json => [one, null]),
  );
  return fc.array(fc.oneof({ weight: 3, arbitrary: ranges }, open), { maxLength: 2 }).map((within) => ({ within }));
}

function anyRange(values: readonly (readonly [number, number])[]): fc.Arbitrary<Entry> {
  const ends = [0, ...values.flat()];
  const end = fc.constantFrom(...ends, ...ends.map((one) => one + 1));
  const pair = fc.tuple(end, end).map(([a, b]): Json => (a < b ? [a, b] : [b, a]));
  return fc
    .tuple(fc.constantFrom('within', 'contains', 'intersects'), fc.array(pair, { minLength: 1, maxLength: 2 }), end)
    .map(([relation, pairs, point]) => ({ [relation]: relation === 'contains' ? [...pairs, point].slice(-2) : pairs }));
}

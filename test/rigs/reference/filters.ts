import type { Document, Json } from '../../../core/model/metadata.ts';
import type { ApiField, EntityFields } from '../../../query/fields/api-fields.ts';
import { isLong, keyOf, valuesOf } from './values.ts';

/** Filters as callers write them. */
export type Filters = Readonly<Record<string, Readonly<Record<string, readonly Json[]>>>>;

/** Documents that meet all filters, those on one field aside. Filters on access are not known here. */
export function filtered(
  documents: readonly Document[],
  filters: Filters,
  fields: EntityFields,
  except?: string,
): readonly Document[] {
  const entries = Object.entries(filters).filter(([name]) => name !== except);
  return documents.filter((document) =>
    entries.every(([name, entry]) => {
      const field = fields.byName.get(name);
      return (
        field !== undefined &&
        Object.entries(entry).every(([relation, values]) => meets(document, field, relation, values))
      );
    }),
  );
}

function meets(document: Document, field: ApiField, relation: string, wanted: readonly Json[]): boolean {
  const values = valuesOf(document, field);
  if (relation === 'is') return wanted.some((value) => isOne(values, field, value));
  return wanted.every((range) => values.some((value) => value !== null && compares(field, relation, value, range)));
}

function isOne(values: readonly Json[], field: ApiField, wanted: Json): boolean {
  if (field.type === 'object') return hasObject(values, field, wanted);
  if (wanted === null) return values.includes(null) || values.every(isLong);
  return values.some((value) => value !== null && keyOf(value) === keyOf(wanted));
}

/** Null stands for no object, or one without its first member; a text for the first member. */
function hasObject(values: readonly Json[], field: ApiField, wanted: Json): boolean {
  const objects = values.filter((value) => value !== null) as Readonly<Record<string, Json>>[];
  const [first = ''] = Object.keys(field.members);
  const unlisted = (object: Readonly<Record<string, Json>>, name: string): boolean =>
    (object[name] ?? null) === null || isLong(object[name] ?? null);
  if (wanted === null) return objects.length === 0 || objects.some((object) => unlisted(object, first));
  const properties = typeof wanted === 'string' ? { [first]: wanted } : (wanted as Readonly<Record<string, Json>>);
  return objects.some((object) =>
    Object.entries(properties).every(([name, value]) =>
      value === null ? unlisted(object, name) : object[name] === value,
    ),
  );
}

function compares(field: ApiField, relation: string, value: Json, range: Json): boolean {
  const [low, high] = (Array.isArray(range) ? range : [range, range]) as [Json, Json];
  const [from, to] = [low ?? -Infinity, high ?? Infinity];
  if (field.type !== 'range') {
    // Moments are texts that compare as time does; an open end is a number, and greater than none of them.
    return (
      (low === null || (value as number) >= (from as number)) && (high === null || (value as number) <= (to as number))
    );
  }
  const [start, end] = (value as [Json, Json]).map((bound, i) => bound ?? (i === 0 ? -Infinity : Infinity)) as [
    number,
    number,
  ];
  const [a, b] = [Number(from), Number(to)];
  if (relation === 'within') return a <= start && end <= b;
  if (relation === 'contains') return start <= a && b <= end;
  return start <= b && a <= end;
}

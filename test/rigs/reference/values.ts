import type { Document, Json } from '../../../core/model/metadata.ts';
import type { ApiField } from '../../../query/fields/api-fields.ts';

type Members = Readonly<Record<string, Json>>;

/** What is found in documents, which are asked again and again, by a field of theirs. */
export function remembered<T>(find: (document: Document, field: ApiField) => T): typeof find {
  const known = new WeakMap<ApiField, WeakMap<Document, T>>();
  return (document, field) => {
    const ofField = known.get(field) ?? new WeakMap<Document, T>();
    known.set(field, ofField);
    const found = ofField.get(document) ?? find(document, field);
    ofField.set(document, found);
    return found;
  };
}

/**
 * What a document says in a field, from the natural document and by plain walking: every value, null
 * for a null; nothing where the document doesn't have the field. Objects with what they hold.
 */
export const valuesOf = remembered((document, field): readonly Json[] => {
  const steps = field.path.split('.');
  const last = steps.pop() ?? '';
  let places: readonly Json[] = [document as unknown as Json];
  for (const step of steps) places = places.flatMap((place) => list((place as Members)[step]));
  return places.flatMap((place) => {
    const value = (place as Members)[last];
    return field.type === 'range' && isRange(value) ? [value] : list(value);
  });
});

function list(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Json];
}

const isRange = (value: Json | undefined): value is readonly Json[] =>
  Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'number');

/** Longer texts, and quantities of such a text, are shown in hits, but not listed by facets (specification, indexing 10). */
export const isLong = (value: Json): boolean =>
  typeof value === 'string' || isQuantity(value) ? keyOf(value).length > 256 : false;

const isQuantity = (value: Json): boolean =>
  value !== null && typeof value === 'object' && 'value' in value && 'unit' in value;

/** A value as a term of a facet: text, but for ages and null. */
export function termOf(value: Json): Json {
  return value === null || typeof value === 'object' ? value : String(value);
}

/** The text by which values are compared and counted. */
export const keyOf = (value: Json): string => {
  if (value === null || typeof value !== 'object') return String(value);
  const { value: amount, unit } = value as Members;
  return unit === null ? String(amount) : `${String(amount)} ${String(unit)}`;
};

/** Texts in the order of their UTF-8 bytes. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

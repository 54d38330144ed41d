import { heldText } from '../../../core/documents/texts.ts';
import type { Document, Json } from '../../../core/model/metadata.ts';
import type { ApiField } from '../../../query/fields/api-fields.ts';
import { byBytes, keyOf, remembered, valuesOf } from './values.ts';

/**
 * Entity ids in the order of a field: its smallest value decides, then come documents where it is null,
 * then those without it; ids break ties; descending is the exact reverse. Ranges have no order. Of
 * texts that no keyword holds, beginning and digest decide.
 */
export function orderedIds(documents: readonly Document[], field: ApiField, order: 'asc' | 'desc'): readonly string[] {
  const places = documents.map((document) => ({ id: document.entity_id, ...placeOf(document, field) }));
  places.sort((a, b) => a.rank - b.rank || compare(a.least, b.least) || byBytes(a.id, b.id));
  const ids = places.map(({ id }) => id);
  return order === 'asc' ? ids : ids.reverse();
}

/** A text as its bytes. */
type Comparable = number | boolean | Buffer;

interface Place {
  /** 0: has a value; 1: null; 2: not there */
  readonly rank: 0 | 1 | 2;
  readonly least: Comparable;
}

const placeOf = remembered((document, field): Place => {
  if (field.type === 'range') return { rank: 0, least: 0 };
  const values = sortedBy(valuesOf(document, field), field);
  const there = values.flatMap((value) => (value === null ? [] : [comparable(value)]));
  const [least] = there.sort(compare);
  if (least !== undefined) return { rank: 0, least };
  return { rank: values.includes(null) && field.type !== 'object' ? 1 : 2, least: 0 };
});

/** Objects sort by their first member. */
function sortedBy(values: readonly Json[], field: ApiField): readonly Json[] {
  if (field.type !== 'object') return values;
  const [first = ''] = Object.keys(field.members);
  const objects = values.filter((value) => value !== null) as Readonly<Record<string, Json>>[];
  return objects.map((object) => object[first] ?? null);
}

const comparable = (value: Json): Comparable =>
  typeof value === 'number' || typeof value === 'boolean' ? value : Buffer.from(heldText(keyOf(value)));

function compare(a: Comparable, b: Comparable): number {
  return Buffer.isBuffer(a) && Buffer.isBuffer(b) ? Buffer.compare(a, b) : Number(a) - Number(b);
}

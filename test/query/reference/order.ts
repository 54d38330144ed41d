import { heldText } from '../../../core/documents/texts.ts';
import type { Document, Json } from '../../../core/model/metadata.ts';
import type { ApiField } from '../../../query/fields/api-fields.ts';
import { byBytes, keyOf, valuesOf } from './values.ts';

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

interface Place {
  /** 0: has a value; 1: null; 2: not there */
  readonly rank: 0 | 1 | 2;
  readonly least: Json;
}

function placeOf(document: Document, field: ApiField): Place {
  if (field.type === 'range') return { rank: 0, least: null };
  const values = comparable(valuesOf(document, field), field);
  const there = values.filter((value) => value !== null);
  const [least] = there.sort(compare);
  if (least !== undefined) return { rank: 0, least };
  return { rank: values.includes(null) && field.type !== 'object' ? 1 : 2, least: null };
}

/** Objects sort by their first member. */
function comparable(values: readonly Json[], field: ApiField): readonly Json[] {
  if (field.type !== 'object') return values;
  const [first = ''] = Object.keys(field.members);
  const objects = values.filter((value) => value !== null) as Readonly<Record<string, Json>>[];
  return objects.map((object) => object[first] ?? null);
}

function compare(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return a === null || b === null ? 0 : byBytes(heldText(keyOf(a)), heldText(keyOf(b)));
}

import type { Document, Json } from '../../../core/model/metadata.ts';
import type { ApiField, EntityFields } from '../../../query/fields/api-fields.ts';
import { type Filters, filtered } from './filters.ts';
import { byBytes, isLong, keyOf, remembered, termOf, valuesOf } from './values.ts';

/** A facet by plain counting; `accessible` aside. */
export interface ReferenceFacet {
  readonly terms: readonly Readonly<Record<string, Json>>[];
  readonly total: number;
  readonly type: 'terms';
}

/** Values beside a term that are shown at most. */
const maxBeside = 20;

/** All facets of a list: each follows every filter but the one on its own field. */
export function facetsOf(
  documents: readonly Document[],
  filters: Filters,
  fields: EntityFields,
): Readonly<Record<string, ReferenceFacet>> {
  const all = filtered(documents, filters, fields);
  const facets = fields.facets.map((field) => {
    const counted = Object.hasOwn(filters, field.name) ? filtered(documents, filters, fields, field.name) : all;
    return [field.name, facet(counted, field, fields)];
  });
  return Object.fromEntries(facets);
}

function facet(documents: readonly Document[], field: ApiField, fields: EntityFields): ReferenceFacet {
  const found = new Map<string, { value: Json; documents: Document[] }>();
  let nulls = 0;
  for (const document of documents) {
    const { terms, isNull } = termsOf(document, field);
    if (isNull) nulls += 1;
    for (const [key, value] of terms) {
      const known = found.get(key) ?? { value, documents: [] };
      known.documents.push(document);
      found.set(key, known);
    }
  }
  const terms = [...found].sort(
    ([a, x], [b, y]) => y.documents.length - x.documents.length || byValue(x.value, y.value) || byBytes(a, b),
  );
  const shown = terms.map(([, { value, documents: own }]) => ({
    term: termOf(value),
    count: own.length,
    ...beside(own, field, fields),
  }));
  return { terms: [...shown, ...nullTerm(nulls)], total: documents.length, type: 'terms' };
}

/** What a document counts for in a facet: terms by their keys, and null. */
const termsOf = remembered((document, field) => {
  const values = listed(document, field);
  const shown = values.filter((value) => value !== null && !isLong(value));
  const terms: ReadonlyMap<string, Json> = new Map(shown.map((value) => [keyOf(value), value]));
  return { terms, isNull: shown.length === 0 || values.includes(null) };
});

/** Objects are listed by their first member. */
function listed(document: Document, field: ApiField): readonly Json[] {
  const values = valuesOf(document, field);
  if (field.type !== 'object') return values;
  const [first = ''] = Object.keys(field.members);
  const members = values.flatMap((object) =>
    object === null ? [] : [(object as Readonly<Record<string, Json>>)[first] ?? null],
  );
  return members.map((member) => (isLong(member) ? null : member));
}

const byValue = (a: Json, b: Json): number => (typeof a === 'number' && typeof b === 'number' ? a - b : 0);

function beside(documents: readonly Document[], field: ApiField, fields: EntityFields): Readonly<Record<string, Json>> {
  const other = field.beside === undefined ? undefined : fields.byName.get(field.beside);
  if (other === undefined) return {};
  const counts = new Map<string, number>();
  for (const document of documents) {
    for (const key of new Set(valuesOf(document, other).map(keyOf))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || byBytes(a, b));
  return { [other.name]: sorted.slice(0, maxBeside).map(([key]) => key) };
}

const nullTerm = (count: number) => (count === 0 ? [] : [{ term: null, count }]);

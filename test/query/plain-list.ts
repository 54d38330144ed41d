import type { Document, Json } from '../../core/model/metadata.ts';

/** A request as a plain reference understands it. */
export interface PlainRequest {
  /** sources that the caller may see */
  readonly sees: readonly string[];
  /** whether documents of sources that it may not see show all the same */
  readonly isPublic: boolean;
  /** by field: one of the values; null stands for null and absent */
  readonly filters: Readonly<Record<string, readonly (string | null)[]>>;
}

/** What a list says, as far as it depends on who asks and for what. */
export interface PlainList {
  readonly ids: readonly string[];
  readonly total: number;
  /** counts of terms, by field */
  readonly facets: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** API names of fields, and where documents have them: role and name. */
export type PlainFields = Readonly<Record<string, readonly [role: string, name: string]>>;

/** A list by the letter of the specification (query-semantics 4 and 5), over documents in memory. */
export function plainList(all: readonly Document[], fields: PlainFields, request: PlainRequest): PlainList {
  const names = Object.keys(fields);
  const valuesOf = (document: Document, field: string): readonly (string | null)[] => {
    const [role, name] = fields[field] as readonly [string, string];
    const values = (document.contents[role] ?? []).flatMap((inner) => inner[name] ?? null).map(textOf);
    return values.length === 0 ? [null] : values;
  };
  const maySee = ({ sources }: Document) => sources.length > 0 && sources.every(({ id }) => request.sees.includes(id));
  const meets = (document: Document, field: string) => {
    const wanted = request.filters[field];
    return wanted === undefined || valuesOf(document, field).some((value) => wanted.includes(value));
  };
  const shown = all.filter((document) => request.isPublic || maySee(document));
  const matching = (except?: string) =>
    shown.filter((document) => names.every((field) => field === except || meets(document, field)));
  const found = matching();
  const facets = Object.fromEntries(
    names.map((field) => [
      field,
      counts(matching(field).flatMap((document) => [...new Set(valuesOf(document, field))])),
    ]),
  );
  const accessible = counts(found.map((document) => String(maySee(document))));
  return {
    ids: found.map(({ entity_id }) => entity_id).sort(),
    total: found.length,
    facets: { ...facets, accessible },
  };
}

const textOf = (value: Json): string | null => (value === null ? null : String(value));

function counts(values: readonly (string | null)[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const value of values) found[String(value)] = (found[String(value)] ?? 0) + 1;
  return found;
}

/** The body of an answer in the same form. */
export function plainAnswer(body: AnsweredList, fields: PlainFields): PlainList {
  const facet = (name: string) =>
    Object.fromEntries((body.termFacets[name]?.terms ?? []).map(({ term, count }) => [String(term), count]));
  return {
    ids: body.hits.map(({ entity_id }) => entity_id).sort(),
    total: body.pagination.total,
    facets: Object.fromEntries([...Object.keys(fields), 'accessible'].map((name) => [name, facet(name)])),
  };
}

/** The part of a list's body that is compared. */
export interface AnsweredList {
  readonly hits: readonly { readonly entity_id: string }[];
  readonly pagination: { readonly total: number };
  readonly termFacets: Readonly<
    Record<string, { readonly terms: readonly { readonly term: unknown; readonly count: number }[] }>
  >;
}

import { z } from 'zod';
import { accessibleField } from '../../plugins/envelope.ts';
import type { ApiField } from '../fields/api-fields.ts';
import type { SearchResult } from '../opensearch.ts';
import { type FacetSearch, inside, nullOf, termsOf, visibleAggregation } from './facets.ts';

/** A facet as the API shows it. */
export interface Facet {
  readonly terms: readonly Term[];
  readonly total: number;
  readonly type: 'terms';
  /** documents in terms beyond the limit; absent where there are none */
  readonly other?: number;
}

export interface Term {
  readonly term: unknown;
  /** documents; of nested fields, objects */
  readonly count: number;
  readonly [beside: string]: unknown;
}

const bucket = z.object({
  key: z.union([z.string(), z.number()]),
  key_as_string: z.string().optional(),
  doc_count: z.int(),
  [inside.beside]: z.object({ buckets: z.array(z.object({ key: z.string() })) }).optional(),
});
type Bucket = z.output<typeof bucket>;
const counted = z.object({ doc_count: z.int() });
const terms = z.object({ sum_other_doc_count: z.int(), buckets: z.array(bucket) });
const nested = z.object({ doc_count: z.int(), [inside.terms]: terms.optional(), [inside.null]: counted.optional() });

/** The facets of one search, by name. */
export function facetAnswers(search: FacetSearch, result: SearchResult): Readonly<Record<string, Facet>> {
  const { total, aggregations } = result;
  const facets = Object.fromEntries(search.fields.map((field) => [field.name, facetOf(field, total, aggregations)]));
  if (!search.accessible) return facets;
  const visible = counted.parse(aggregations[visibleAggregation]).doc_count;
  return { ...facets, [accessibleField]: accessibleFacet(visible, total) };
}

function facetOf(field: ApiField, total: number, aggregations: Readonly<Record<string, unknown>>): Facet {
  if (field.type === 'object') return nestedFacet(field, aggregations[termsOf(field.name)]);
  if (!field.indexed) return { terms: nullTerm(total), total, type: 'terms' };
  const answer = terms.parse(aggregations[termsOf(field.name)]);
  const nulls = counted.parse(aggregations[nullOf(field.name)]).doc_count;
  return facet(field, answer, nulls, total);
}

function nestedFacet(field: ApiField, aggregation: unknown): Facet {
  if (!field.indexed) return { terms: [], total: 0, type: 'terms' };
  const { doc_count: total, terms: answer, null: nulls } = nested.parse(aggregation);
  return facet(field, answer ?? { buckets: [], sum_other_doc_count: 0 }, nulls?.doc_count ?? 0, total);
}

function facet(field: ApiField, answer: z.output<typeof terms>, nulls: number, total: number): Facet {
  const shown = [...answer.buckets.map((found) => termOf(field, found)), ...nullTerm(nulls)];
  const other = answer.sum_other_doc_count;
  return { terms: shown, total, type: 'terms', ...(other === 0 ? {} : { other }) };
}

function termOf(field: ApiField, { key, key_as_string, doc_count, beside }: Bucket): Term {
  const term = field.type === 'quantity' ? quantity(String(key)) : (key_as_string ?? String(key));
  const values =
    beside === undefined || field.beside === undefined ? {} : { [field.beside]: beside.buckets.map((b) => b.key) };
  return { term, count: doc_count, ...values };
}

function quantity(text: string) {
  const [value, unit] = text.split(' ');
  return { value: value ?? text, unit: unit ?? null };
}

const nullTerm = (count: number): Term[] => (count === 0 ? [] : [{ term: null, count }]);

function accessibleFacet(visible: number, total: number): Facet {
  const shown = [
    { term: 'true', count: visible },
    { term: 'false', count: total - visible },
  ];
  return { terms: shown.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count), total, type: 'terms' };
}

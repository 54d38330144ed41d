import { z } from 'zod';
import { type Printed, printed } from '../../core/http/printed.ts';
import { accessibleField } from '../../core/model/envelope.ts';
import { answered } from '../answers.ts';
import type { ApiField } from '../fields/api-fields.ts';
import type { SearchResult } from '../opensearch.ts';
import type { Facet, Term } from './facet.ts';
import { type FacetSearch, inside, nullOf, termsOf, visibleAggregation } from './facets.ts';

const counted = z.object({ doc_count: z.int() });

/** What documents are counted by, and where asked for, what else they say. */
interface Bucket {
  readonly key: string | number;
  readonly key_as_string?: string;
  readonly doc_count: number;
  readonly [inside.documents]?: z.output<typeof counted>;
  readonly [inside.beside]?: z.output<typeof keys>;
}
const keys = z.object({ buckets: z.array(z.object({ key: z.string() })) });
const more = z.object({
  key_as_string: z.string().optional(),
  [inside.documents]: counted.optional(),
  [inside.beside]: keys.optional(),
});

/** By hand: an answer has thousands of them, and a schema takes longer for each than parsing and printing it. */
function isBucket(value: unknown): value is Bucket {
  if (typeof value !== 'object' || value === null) return false;
  const { key, key_as_string, doc_count, documents, beside } = value as Partial<Record<keyof Bucket, unknown>>;
  const isCounted = (typeof key === 'string' || typeof key === 'number') && Number.isSafeInteger(doc_count);
  const isPlain = key_as_string === undefined && documents === undefined && beside === undefined;
  return isCounted && (isPlain || more.safeParse(value).success);
}

const terms = z.object({
  sum_other_doc_count: z.int(),
  buckets: z.custom<readonly Bucket[]>((list) => Array.isArray(list) && list.every(isBucket)),
});
const nested = z.object({ [inside.terms]: terms.optional() });

const bound = z.object({ doc_count_error_upper_bound: z.int().optional() });
const nestedBound = z.object({ [inside.terms]: bound.optional() });

/** Facets by name, printed: they are most of an answer, and remembered as they are shown. */
export type PrintedFacets = Printed<Readonly<Record<string, Facet>>>;

/** The facets of one search. @throws LazuliError `unavailable` where the answer isn't one to it */
export function facetAnswers(search: FacetSearch, { total, aggregations }: SearchResult): PrintedFacets {
  const facets = Object.fromEntries(search.fields.map((field) => [field.name, facetOf(field, total, aggregations)]));
  if (!search.accessible) return printed(facets).copied();
  const visible = answered(counted, aggregations[visibleAggregation]).doc_count;
  return printed({ ...facets, [accessibleField]: accessibleFacet(visible, total) }).copied();
}

function facetOf(field: ApiField, total: number, aggregations: Readonly<Record<string, unknown>>): Facet {
  if (!field.indexed) return facet([], total, total);
  const answer = aggregations[termsOf(field.name)];
  // Without an object in any document there are no terms.
  const found = field.type === 'object' ? answered(nested, answer)[inside.terms] : answered(terms, answer);
  const nulls = answered(counted, aggregations[nullOf(field.name)]).doc_count;
  const listed = (found?.buckets ?? []).map((bucket) => termOf(field, bucket));
  return facet(listed, nulls, total, found?.sum_other_doc_count);
}

/**
 * Whether counts are of all documents: no shard has left out terms that may be among those of others. OpenSearch says how far
 * counts may be off, and where it can't tell, -1.
 */
export const isExact = ({ fields }: FacetSearch, { aggregations }: SearchResult): boolean =>
  fields.filter(({ indexed }) => indexed).every((field) => errorBound(field, aggregations[termsOf(field.name)]) === 0);

function errorBound({ type }: ApiField, answer: unknown): number {
  const found = type === 'object' ? answered(nestedBound, answer)[inside.terms] : answered(bound, answer);
  return found?.doc_count_error_upper_bound ?? 0;
}

function facet(found: readonly Term[], nulls: number, total: number, other = 0): Facet {
  const shown = nulls === 0 ? found : [...found, { term: null, count: nulls }];
  return { terms: shown, total, type: 'terms', ...(other === 0 ? {} : { other }) };
}

function termOf(field: ApiField, { key, key_as_string, doc_count, documents, beside }: Bucket): Term {
  const term = field.type === 'quantity' ? quantity(String(key)) : (key_as_string ?? String(key));
  const count = documents?.doc_count ?? doc_count;
  if (beside === undefined || field.beside === undefined) return { term, count };
  return { term, count, [field.beside]: beside.buckets.map((one) => one.key) };
}

function quantity(text: string) {
  const [value, unit] = text.split(' ');
  return { value: value ?? text, unit: unit ?? null };
}

function accessibleFacet(visible: number, total: number): Facet {
  const shown = [
    { term: 'true', count: visible },
    { term: 'false', count: total - visible },
  ];
  return { terms: shown.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count), total, type: 'terms' };
}

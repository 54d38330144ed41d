import { z } from 'zod';
import { parsedJson, textOf } from '../../core/config/text.ts';
import { appended, Printed, printed, printedObject } from '../../core/http/printed.ts';
import { accessibleField } from '../../core/model/envelope.ts';
import { answered, answeredJson } from '../answers.ts';
import type { ApiField } from '../fields/api-fields.ts';
import type { SearchResult } from '../opensearch.ts';
import type { Facet, Term } from './facet.ts';
import { type FacetSearch, inside, nullOf, termsOf, visibleAggregation } from './facets.ts';
import type { ListReader } from './lifted-buckets.ts';
import { PrintedTerms } from './printed-terms.ts';

const counted = z.object({ doc_count: z.int() });
const bucket = z.object({
  key: z.union([z.string(), z.number()]),
  key_as_string: z.string().optional(),
  doc_count: z.int(),
  [inside.beside]: z.object({ buckets: z.array(z.object({ key: z.string() })) }).optional(),
  [inside.documents]: counted.optional(),
});
type Bucket = z.output<typeof bucket>;
const bucketList = z.array(bucket);
const terms = z.object({
  doc_count_error_upper_bound: z.int().optional(),
  sum_other_doc_count: z.int(),
  buckets: z.union([z.instanceof(Printed<readonly Term[]>), z.instanceof(Buffer)]),
});
const nested = z.object({ [inside.terms]: terms.optional() });

/** Facets by name, printed: they are most of an answer, and shown as they are. */
export type PrintedFacets = Printed<Readonly<Record<string, Facet>>>;

/**
 * Reads the lists of an answer to searches for facets of some fields: as terms, where they can be taken as they are printed.
 * Those of objects can't: beside what a term counts they say in how many documents.
 */
export const termLists =
  (fields: readonly ApiField[]) =>
  (answer: Buffer): ListReader => {
    const plain = fields.filter(({ type }) => type !== 'object');
    const byAggregation = new Map(plain.map((field) => [termsOf(field.name), field]));
    const terms = new PrintedTerms(answer);
    return {
      read(start) {
        const name = answer.lastIndexOf(aggregation, start) + 1;
        const field = byAggregation.get(textOf(answer.subarray(name, answer.indexOf('"', name))));
        return field && terms.read(start, field);
      },
      release: () => terms.release(),
    };
  };

/** What the aggregation begins with that a list is of, the nearest one before it. */
const aggregation = Buffer.from(`"${termsOf('')}`);

/** The facets of one search, whose lists of buckets are read. */
export function facetAnswers(search: FacetSearch, { total, aggregations }: SearchResult): PrintedFacets {
  const facets = Object.fromEntries(search.fields.map((field) => [field.name, facetOf(field, total, aggregations)]));
  if (!search.accessible) return printedObject(facets).copied();
  const visible = answered(counted, aggregations[visibleAggregation]).doc_count;
  return printedObject({ ...facets, [accessibleField]: printed(accessibleFacet(visible, total)) }).copied();
}

function facetOf(field: ApiField, total: number, aggregations: Readonly<Record<string, unknown>>): Printed<Facet> {
  if (!field.indexed) return facet(none, total, total);
  const found = foundTerms(field, aggregations[termsOf(field.name)]);
  const nulls = answered(counted, aggregations[nullOf(field.name)]).doc_count;
  if (found === undefined) return facet(none, nulls, total);
  return facet(listed(field, found.buckets), nulls, total, found.sum_other_doc_count);
}

/** @returns undefined where no document has an object */
function foundTerms({ type }: ApiField, answer: unknown): z.output<typeof terms> | undefined {
  return type === 'object' ? answered(nested, answer)[inside.terms] : answered(terms, answer);
}

/**
 * Whether counts are of all documents: no shard has left out terms that may be among those of others. OpenSearch says how far
 * counts may be off, and where it can't tell, -1.
 */
export const isExact = ({ fields }: FacetSearch, { aggregations }: SearchResult): boolean =>
  fields
    .filter(({ indexed }) => indexed)
    .every((field) => (foundTerms(field, aggregations[termsOf(field.name)])?.doc_count_error_upper_bound ?? 0) === 0);

const none = printed<readonly Term[]>([]);

function facet(found: Printed<readonly Term[]>, nulls: number, total: number, other = 0): Printed<Facet> {
  const shown = nulls === 0 ? found : appended(found, { term: null, count: nulls });
  return printedObject<Facet>({ terms: shown, total, type: 'terms', ...(other === 0 ? {} : { other }) });
}

/** What can't be taken as it is printed is parsed. */
function listed(field: ApiField, buckets: Printed<readonly Term[]> | Buffer): Printed<readonly Term[]> {
  if (buckets instanceof Printed) return buckets;
  const list = answered(
    bucketList,
    answeredJson(() => parsedJson(buckets)),
  );
  return printed(list.map((found) => termOf(field, found)));
}

function termOf(field: ApiField, { key, key_as_string, doc_count, documents, beside }: Bucket): Term {
  const term = field.type === 'quantity' ? quantity(String(key)) : (key_as_string ?? String(key));
  const values =
    beside === undefined || field.beside === undefined ? {} : { [field.beside]: beside.buckets.map((b) => b.key) };
  return { term, count: documents?.doc_count ?? doc_count, ...values };
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

import { byCodePoint } from '../../core/config/text.ts';
import { restOf } from '../../core/documents/cuts.ts';
import type { Filter, Scalar } from '../../core/documents/filter.ts';

/** A clause of OpenSearch's query language. */
export type Query = Readonly<Record<string, unknown>>;

/** Where a document lists its fields that hold null (index layout). */
const nullsPath = '_nulls';

/** Translates a filter; conditions don't score, so that the engine can cache them. */
export function toQuery(filter: Filter): Query {
  switch (filter.kind) {
    case 'all':
      return filter.of.length === 0 ? { match_all: {} } : { bool: { filter: filter.of.map(toQuery) } };
    case 'any':
      return anyOf(filter.of.map(toQuery));
    case 'not':
      return not(toQuery(filter.of));
    case 'terms':
      return terms(filter.path, filter.values);
    case 'null':
      return unlisted(filter.path);
    case 'absent':
      return not(exists(filter.path));
    case 'between':
      return range(filter.path, filter.low, filter.high);
    case 'within':
    case 'contains':
    case 'intersects':
      return anyOf([filter.path, restOf(filter.path)].map((path) => range(path, filter.low, filter.high, filter.kind)));
    case 'nested':
      return { nested: { path: filter.path, query: toQuery(filter.of), ignore_unmapped: true } };
    case 'only':
      return only(filter.path, filter.values);
  }
}

/** The field is null, or a list that contains null; not where it isn't there. */
export const holdsNull = (path: string): Query => ({ term: { [nullsPath]: path } });

/** What facets and filters take for null: null, not there, or nothing but texts that are too long to be listed. */
export const unlisted = (path: string): Query => anyOf([holdsNull(path), not(exists(path))]);

function anyOf(queries: readonly Query[]): Query {
  return queries.length === 0 ? { match_none: {} } : { bool: { should: queries, minimum_should_match: 1 } };
}

const not = (query: Query): Query => ({ bool: { must_not: [query] } });
const exists = (field: string): Query => ({ exists: { field } });

function range(path: string, low: unknown, high: unknown, relation?: string): Query {
  const ends = { ...(low === null ? {} : { gte: low }), ...(high === null ? {} : { lte: high }) };
  return { range: { [path]: { ...ends, ...(relation === undefined ? {} : { relation }) } } };
}

/** So many values of one clause the engine takes; it refuses the whole search for one more. */
export const maxTerms = 65_536;

/** The field has one of any number of values: sources that a caller may see, or what a filter lists. */
function terms(path: string, values: readonly Scalar[]): Query {
  if (values.length <= maxTerms) return { terms: { [path]: values } };
  const parts = Array.from({ length: Math.ceil(values.length / maxTerms) }, (_, i) =>
    values.slice(i * maxTerms, (i + 1) * maxTerms),
  );
  return anyOf(parts.map((part) => ({ terms: { [path]: part } })));
}

/** So many ranges of one clause the engine takes; it refuses more than 1,024 clauses. */
const maxGaps = 900;

/**
 * The field has one of the values and none that lies in a gap between them: an inverted index can't
 * ask for "every value", but it can ask for a value between two neighbours.
 */
function only(path: string, values: readonly string[]): Query {
  if (values.length === 0) return { match_none: {} };
  const outsider = values.length < maxGaps ? anyOf(gaps(path, values)) : outsiderByScript(path, values);
  return { bool: { filter: [terms(path, values)], must_not: [outsider] } };
}

function gaps(path: string, values: readonly string[]): Query[] {
  const sorted = [...new Set(values)].sort(byCodePoint);
  const ends = [...sorted, undefined];
  return ends.map((end, i) => {
    const start = sorted[i - 1];
    const bounds = { ...(start === undefined ? {} : { gt: start }), ...(end === undefined ? {} : { lt: end }) };
    return { range: { [path]: bounds } };
  });
}

function outsiderByScript(path: string, values: readonly string[]): Query {
  const source =
    'for (value in doc[params.path]) { if (!params.values.containsKey(value)) { return true; } } return false;';
  const known = Object.fromEntries(values.map((value) => [value, true]));
  return { script: { script: { lang: 'painless', source, params: { path, values: known } } } };
}

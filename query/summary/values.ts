import { z } from 'zod';
import type { Json } from '../../core/model/metadata.ts';
import type { GroupMember, Measure } from '../../core/model/summary.ts';
import { answered } from '../answers.ts';
import type { SearchResult } from '../opensearch.ts';
import { amountOf, inner, type MeasuredType, nullOf, sumOf } from './aggregations.ts';

const number = z.object({ value: z.number() });
const counted = z.looseObject({ doc_count: z.int() });
type Counted = z.output<typeof counted>;
const bucket = z.looseObject({ doc_count: z.int(), key: z.string() });
const buckets = z.object({ buckets: z.array(bucket) });
const within = z.object({ [inner]: number });

/** What the search engine found for the measures of one entity type. */
export function measuredValues(
  { measures }: MeasuredType,
  { total, aggregations }: SearchResult,
): readonly (readonly [Measure, Json])[] {
  return measures.map((measure, i) => [
    measure,
    valueFrom(measure, total, aggregations[amountOf(i)], aggregations[nullOf(i)]),
  ]);
}

/** The same where there are no documents. */
export function valuesOfNone({ measures }: MeasuredType): readonly (readonly [Measure, Json])[] {
  return measures.map((one) => [one, one.measure === 'terms' || one.measure === 'groups' ? [] : 0]);
}

function valueFrom(measure: Measure, total: number, value: unknown, nulls: unknown): Json {
  switch (measure.measure) {
    case 'documents':
      return total;
    case 'distinct':
      return answered(within, value)[inner].value + (answered(counted, nulls).doc_count > 0 ? 1 : 0);
    case 'sum':
      return answered(within, value)[inner].value;
    case 'terms':
      return groups(value, nulls).map(({ term }) => term);
    case 'groups':
      return groups(value, nulls).map((group) => described(group, measure.members));
  }
}

interface Group {
  readonly term: string | null;
  readonly found: Counted;
}

/** The most frequent first; among equals null last. */
function groups(value: unknown, nulls: unknown): readonly Group[] {
  const found = answered(buckets, value).buckets.map((one): Group => ({ term: one.key, found: one }));
  const none = answered(counted, nulls);
  if (none.doc_count === 0) return found;
  return [...found, { term: null, found: none }].sort((a, b) => b.found.doc_count - a.found.doc_count);
}

function described({ term, found }: Group, members: Readonly<Record<string, GroupMember>>): Json {
  const described = Object.entries(members).map(([name, member]) => {
    if (member === 'term') return [name, term];
    if (member === 'term in a list') return [name, [term]];
    return [name, member === 'documents' ? found.doc_count : answered(number, found[sumOf(member.sum)]).value];
  });
  return Object.fromEntries(described);
}

import type { Json } from './json.ts';

/**
 * What the summary of a catalog looks like: the answer as it is to be, with measures in the places of
 * numbers and lists. A member of an answer can't be called `measure`.
 */
export type SummaryShape =
  | Measure
  | null
  | readonly SummaryShape[]
  | { readonly [member: string]: SummaryShape; readonly measure?: never };

/**
 * Something that is counted over the documents of one entity type that match the caller's filters.
 * Fields are `<role>.<field>`, or the name of a computed one.
 *
 * - `documents`: how many there are
 * - `distinct`: number of different values, null being one; exact up to 40,000, about 0.2 % off beyond
 * - `sum`: of numbers; where there are none, 0
 * - `terms`: the values of a string field, the most frequent first, and among equals null last
 * - `groups`: the same, with something to say about the documents of each value
 */
export type Measure = { readonly of: string } & (
  | { readonly measure: 'documents' }
  | { readonly measure: 'distinct'; readonly field: string }
  | { readonly measure: 'sum'; readonly field: string; readonly where?: NonZero }
  | { readonly measure: 'terms'; readonly field: string }
  | { readonly measure: 'groups'; readonly field: string; readonly members: Readonly<Record<string, GroupMember>> }
);

/** Documents in which a number is there and not 0; or the others. */
export interface NonZero {
  readonly field: string;
  readonly nonZero: boolean;
}

/** The value that the documents of a group have in common, alone or in a list; their number; a sum over them. */
export type GroupMember = 'term' | 'term in a list' | 'documents' | { readonly sum: string };

/** The measures in a shape, in no particular order. */
export function measuresOf(shape: SummaryShape): readonly Measure[] {
  if (shape === null) return [];
  if (isMeasure(shape)) return [shape];
  return Object.values(shape).flatMap((part: SummaryShape) => measuresOf(part));
}

/** Fields that are summed up in each group. */
export function sumsOf(members: Readonly<Record<string, GroupMember>>): readonly string[] {
  return Object.values(members).flatMap((member) => (typeof member === 'string' ? [] : [member.sum]));
}

/** The answer: a shape with values in the places of its measures. */
export function filledIn(shape: SummaryShape, value: (measure: Measure) => Json): Json {
  if (shape === null) return null;
  if (isMeasure(shape)) return value(shape);
  if (isList(shape)) return shape.map((part) => filledIn(part, value));
  return Object.fromEntries(Object.entries(shape).map(([name, part]) => [name, filledIn(part, value)]));
}

const isList = (shape: SummaryShape): shape is readonly SummaryShape[] => Array.isArray(shape);

function isMeasure(shape: NonNullable<SummaryShape>): shape is Measure {
  return 'measure' in shape;
}

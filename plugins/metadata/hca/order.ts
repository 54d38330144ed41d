import { byCodePoint } from '../../../core/config/text.ts';

/** Order of all lists of scalars in documents (specification, indexing 7.6 and 15): null is last. */
export function nullLast(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return byCodePoint(a, b);
}

/** The distinct values, ascending, null last. */
export function distinctSorted<T extends string | null>(values: readonly T[]): T[] {
  return values.length < 2 ? [...values] : [...new Set(values)].sort(nullLast);
}

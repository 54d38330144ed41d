import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';

/**
 * An answer of a schema which, where it repeats what was asked, repeats it truly. A status alone says nothing: a proxy's
 * page has 200, too.
 */
export const repeating = <A extends z.ZodType>(answer: A, asked: object): A =>
  answer.refine((value) => agrees(value, asked), 'is about something else than was asked for');

function agrees(answer: unknown, asked: object): boolean {
  if (typeof answer !== 'object' || answer === null) return true;
  const repeated = new Map(Object.entries(answer));
  return Object.entries(asked).every(
    ([name, value]) => value === undefined || !repeated.has(name) || isDeepStrictEqual(repeated.get(name), value),
  );
}

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/**
 * An answer to what is to be done, which repeats what was asked for. A status alone says nothing: a proxy's page has 200,
 * too.
 */
export const repeating = (asked: Readonly<Record<string, unknown>>) =>
  z
    .record(z.string(), z.unknown())
    .refine(
      (answer) => Object.entries(asked).every(([name, value]) => isDeepStrictEqual(answer[name], value)),
      'is about something else than was asked for',
    );

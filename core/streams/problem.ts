import { LazuliError } from '../config/errors.ts';
import type { Problem } from './consumer.ts';
import type { Failure } from './persist.ts';

/** A failure as the status shows it. */
export function problemOf({ error, attempts, since }: Failure): Problem {
  if (error instanceof LazuliError) {
    return { code: error.code, message: error.message, remedy: error.remedy ?? null, attempts, since };
  }
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { code: name, message, remedy: null, attempts, since };
}

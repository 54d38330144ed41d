import { LazuliError } from '../../config/errors.ts';

/** What a caller did wrong in a parameter, and what to write instead. */
export function refusal(message: string, remedy: string): LazuliError {
  return new LazuliError('bad_request', message, { remedy });
}

/** A value as it may stand in a message: JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

import { LazuliError } from '../config/errors.ts';

/** What a caller did wrong in a parameter, and what to write instead. */
export function refusal(message: string, remedy: string): LazuliError {
  return new LazuliError('bad_request', message, { remedy });
}

/** Of text in a message. */
const maxShown = 80;
/** Values can be nested more deeply than JSON can be written. */
const maxDepth = 8;

/** A value as it may stand in a message: JSON, cut where it is long or deep. */
export function shown(value: unknown): string {
  const text = JSON.stringify(pruned(value, maxDepth)) ?? String(value);
  return text.length <= maxShown ? text : `${text.slice(0, maxShown - 1)}…`;
}

function pruned(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.slice(0, maxShown);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, maxShown).map((element) => pruned(element, depth - 1));
  const members = Object.entries(value).slice(0, maxShown);
  return Object.fromEntries(members.map(([name, member]) => [name.slice(0, maxShown), pruned(member, depth - 1)]));
}

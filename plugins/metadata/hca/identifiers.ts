import { type Members, show } from './members.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A UUID in canonical lower-case form, or undefined where the value is none. */
export function canonicalUuid(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (uuid.test(value)) return value;
  const lower = value.toLowerCase();
  return uuid.test(lower) ? lower : undefined;
}

/** @throws LazuliError `bundle_invalid` where the member is missing or no UUID */
export function uuidOf(members: Members, name: string): string {
  const text = members.fullText(name);
  const id = canonicalUuid(text);
  if (id === undefined) throw members.error(name, `is no UUID: ${show(text)}`);
  return id;
}

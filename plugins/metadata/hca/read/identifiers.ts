import { type Members, show } from '../members.ts';

const hyphen = 0x2d;
const shape = '########-####-####-####-############';
const digits = '0123456789abcdef';
/** by code unit: whether it stands for a hexadecimal digit */
const isDigit = Uint8Array.from({ length: 0x80 }, (_, unit) => (digits.includes(String.fromCharCode(unit)) ? 1 : 0));

/** A UUID in canonical lower-case form, or undefined where the value is none. */
export function canonicalUuid(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (isUuid(value)) return value;
  const lower = value.toLowerCase();
  return isUuid(lower) ? lower : undefined;
}

/** By character, because every entity has one or two. */
function isUuid(text: string): boolean {
  if (text.length !== shape.length) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (shape.charCodeAt(i) === hyphen ? unit !== hyphen : isDigit[unit] !== 1) return false;
  }
  return true;
}

/** @throws LazuliError `bundle_invalid` where the member is missing or no UUID */
export function uuidOf(members: Members, name: string): string {
  const text = members.fullText(name);
  const id = canonicalUuid(text);
  if (id === undefined) throw members.error(name, `is no UUID: ${show(text)}`);
  return id;
}

import { unambiguous } from './json-members.ts';

/**
 * How bytes become text, and how texts compare: the only place. UTF-8 throughout, nothing lost and nothing made up, so
 * that SQL, the search engine and JavaScript have the same text and the same order.
 */

/** `ignoreBOM` keeps U+FEFF at the beginning: in text it is a character like any other. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** What all decoders of data must be like: for libraries that let theirs be replaced. */
export const exactDecoder: { decode(bytes: Uint8Array): string } = lenient;

/** Text from bytes. @throws TypeError for what is no UTF-8 */
export const textOf = (bytes: Uint8Array): string => strict.decode(bytes);

/** The same for messages to people: what is no UTF-8 shows as U+FFFD. */
export const shownText = (bytes: Uint8Array): string => lenient.decode(bytes);

/**
 * The text of a JSON document. A byte order mark before it says how it is encoded, and is no part of it (RFC 8259, 8.1).
 *
 * @throws TypeError for what is no UTF-8
 */
export function jsonTextOf(bytes: Uint8Array): string {
  const other = otherForm(bytes);
  if (other !== undefined) throw new TypeError(`it is ${other}, not text in UTF-8`);
  return unmarked(textOf(bytes));
}

/** What files are that a person takes for JSON, by their first bytes. */
const otherForms: readonly (readonly [form: string, bytes: readonly number[]])[] = [
  ['compressed with gzip', [0x1f, 0x8b]],
  ['compressed with bzip2', [0x42, 0x5a, 0x68]],
  ['compressed with zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['compressed with xz', [0xfd, 0x37, 0x7a, 0x58]],
  ['a ZIP archive', [0x50, 0x4b, 0x03, 0x04]],
  ['UTF-16', [0xff, 0xfe]],
  ['UTF-16', [0xfe, 0xff]],
];

function otherForm(bytes: Uint8Array): string | undefined {
  // JSON begins with a character of ASCII, and has no U+0000.
  if (bytes.length > 1 && (bytes[0] === 0 || bytes[1] === 0)) return 'UTF-16 or UTF-32';
  return otherForms.find(([, start]) => start.every((byte, i) => bytes[i] === byte))?.[0];
}

const unmarked = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

/** JSON as bytes, for whoever keeps a small record. */
export const jsonBytes = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** The same as a line. */
export const jsonLine = (value: object): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** A JSON document. @throws TypeError, SyntaxError */
export const parsedJson = (bytes: Uint8Array): unknown => JSON.parse(jsonTextOf(bytes));

/** The same for callers that check the value anyway: undefined if it isn't JSON. */
export function jsonOrNothing(json: Uint8Array | string): unknown {
  try {
    return typeof json === 'string' ? JSON.parse(json) : parsedJson(json);
  } catch {
    return undefined;
  }
}

/** The same for messages: if it isn't JSON, the text itself, as `shownText` makes it. */
export function jsonOrText(bytes: Uint8Array): unknown {
  try {
    return parsedJson(bytes);
  } catch {
    return shownText(bytes);
  }
}

/** What is wrong with a text that has half of a surrogate pair: it has no bytes in UTF-8, though JSON can escape it. */
export const halfPair = 'has half of a surrogate pair, which no text can have';

/**
 * A JSON document from outside whose texts are looked up, compared or kept: what no text can be is refused at the door,
 * and so is an object that has a name twice.
 *
 * @throws SyntaxError, NameTwice
 */
export function wholeJson(text: string): unknown {
  const value: unknown = unambiguous(unmarked(text), JSON.parse);
  const mayHaveHalf = /\\ud[89a-f]/i.test(text) || !text.isWellFormed();
  if (mayHaveHalf && hasHalfPair(JSON.stringify(value))) throw new SyntaxError(`it ${halfPair}`);
  return value;
}

/** Whether any text in a value, names of members too, has half of a surrogate pair. @param json as `JSON.stringify` makes it, which escapes nothing else so */
export const hasHalfPair = (json: string): boolean => json.includes('\\ud') && /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(json);

/**
 * Order of Unicode code points, as UTF-8 has it, and so SQL and the search engine. JavaScript's own, of UTF-16, differs
 * where surrogates meet U+E000 to U+FFFF.
 */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Puts surrogates, which stand for higher code points, after all other code units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Parsed JSON; numbers may be raw ones, see `parseVerbatim`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * A number whose source text JavaScript would not print again (`1.0`, `1e400`, 2^63): V8 keeps the
 * text in an object that `JSON.stringify` writes as it was.
 */
interface RawNumber {
  readonly rawJSON: string;
}

interface JsonWithSource {
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown,
  ): Json;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
}
const json = JSON as unknown as JsonWithSource;

/**
 * What JavaScript might print in another way: a fraction that ends in 0 or begins with six of them, an
 * exponent, 16 characters, minus zero. May stand inside a string, which costs time and nothing else.
 */
const doubtful = String.raw`(?:-?(?:\d+\.(?:\d*0|0{6}\d*)|[\d.]+[eE][+-]?\d+|[\d.]{16,})|-0)`;
/** Fast, because it looks back from the few characters that can follow a number, and first for a digit. */
const suspicious = new RegExp(String.raw`[,\]}](?<=\d\s*.)(?<=[:,[\s]${doubtful}\s*.)`);
/** A doubtful number and what is before it where members and elements stand. */
const number = new RegExp(
  String.raw`[:,[]\s*(?=${doubtful}\s*[,\]}])(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*[,\]}])`,
  'g',
);
/** A text that is nothing but a number. */
const loneNumber = /^\s*[-\d]/;

/**
 * Parses JSON so that numbers print as they stood in the text. Most documents hold only numbers that
 * JavaScript prints alike, and take the fast way.
 *
 * @param bytes of the text in UTF-8, where they are at hand: numbers are found faster in them
 * @throws SyntaxError
 */
export function parseVerbatim(text: string, bytes?: Buffer): Json {
  if (loneNumber.test(text)) return parseWithSource(text);
  if (suspicious.test(bytes?.toString('latin1') ?? text)) return parseMarked(text) ?? parseWithSource(text);
  return JSON.parse(text) as Json;
}

/** The value of a number, whether kept as text or not; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return json.isRawJSON(value) ? Number(value.rawJSON) : undefined;
}

function printsAlike(source: string): boolean {
  return String(Number(source)) === source;
}

/** Slow: V8 calls back for every value. */
function parseWithSource(text: string): Json {
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !printsAlike(source) ? json.rawJSON(source) : value,
  );
}

/** A control character that no text has, first in the strings that stand for raw numbers while a text is parsed. */
const mark = '\u0080';

/**
 * Several times faster than `parseWithSource`. Undefined where it isn't possible: a mark put inside
 * of a string, where something looks like a number, ends that string before a character that JSON
 * doesn't know.
 */
function parseMarked(text: string): Json | undefined {
  if (text.includes(mark) || text.includes('\\u')) return undefined;
  const marked = text.replace(number, (match, source: string) =>
    printsAlike(source) ? match : `${match.slice(0, -source.length)}"${mark}${source}"`,
  );
  try {
    return unmarked(JSON.parse(marked) as Json);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** Puts raw numbers where marks are. */
function unmarked(value: Json): Json {
  if (typeof value === 'string') return value.startsWith(mark) ? rawNumber(value.slice(mark.length)) : value;
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, Json>;
  for (const name of Object.keys(members)) {
    const member = members[name] as Json;
    const replaced = unmarked(member);
    if (replaced !== member) members[name] = replaced;
  }
  return value;
}

/** As part of a parsed text, where it is a value like any other. */
function rawNumber(source: string): Json {
  return json.rawJSON(source) as unknown as Json;
}

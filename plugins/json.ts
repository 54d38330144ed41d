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
 * A number with fraction, exponent, minus zero or more digits than a double keeps, wherever it may
 * stand. It may also match inside a string, which costs time and nothing else.
 */
const number = String.raw`(?:-?\d+\.\d+(?:[eE][+-]?\d+)?|-?\d+[eE][+-]?\d+|-?\d{16,}|-0)`;
const needsSource = new RegExp(String.raw`(?:^|[:,[])\s*${number}\s*(?:$|[,\]}])`);

/**
 * Parses JSON so that numbers print as they stood in the text. Most documents hold small integers
 * only and take the fast way.
 *
 * @throws SyntaxError
 */
export function parseVerbatim(text: string): Json {
  if (!needsSource.test(text)) return JSON.parse(text) as Json;
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? json.rawJSON(source) : value,
  );
}

/** The value of a number, whether kept as text or not; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return json.isRawJSON(value) ? Number(value.rawJSON) : undefined;
}

import { hasHalfPair } from '../../config/text.ts';
import { numberOf } from '../../model/json.ts';
import type { Count, Range } from './nested.ts';
import { ValueError } from './value-error.ts';

/** From a value as a plug-in gave it, never null, to one as it is staged. Throws `ValueError`. */
export type Parse<T> = (value: unknown) => T;

const datetimePattern = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z$/;
const quantityPattern = /^[^ ]+(?: [^ ]+)?$/;

/** Text. Halves of surrogate pairs are found where it is encoded. */
export const text: Parse<string> = (value) => {
  if (typeof value !== 'string') throw wrong('text', value);
  return value;
};

/** Text in UTC with six fractional digits and `Z`. */
export const datetime: Parse<string> = (value) => {
  const string = text(value);
  if (!datetimePattern.test(string)) throw wrong('a time like 2020-01-31T12:34:56.789000Z', value);
  return string;
};

/** Specification, indexing 8: a value, or a value, one blank, and a unit. */
export const quantity: Parse<string> = (value) => {
  const string = text(value);
  if (!quantityPattern.test(string)) throw wrong('a value and perhaps a unit, neither with blanks in it', value);
  return string;
};

/** An integer that a double holds exactly, also where its source text was kept. */
export const int: Parse<bigint> = (value) => {
  const number = numberOf(value);
  if (number === undefined || !Number.isSafeInteger(number)) throw wrong('an integer between ±(2^53 - 1)', value);
  return BigInt(number);
};

/** A number that a double holds, if not exactly. */
export const float: Parse<number> = (value) => {
  const number = numberOf(value);
  if (number === undefined || !Number.isFinite(number)) throw wrong('a number that a double can hold', value);
  // There are two zeros, which compare as equal and don't look equal.
  return number + 0;
};

/** True or false, nothing that is like it. */
export const bool: Parse<boolean> = (value) => {
  if (typeof value !== 'boolean') throw wrong('true or false', value);
  return value;
};

/** `[low, high]`, low ≤ high; null is unbounded on that side. */
export const range: Parse<Range> = (value) => {
  if (!Array.isArray(value) || value.length !== 2) throw wrong('a pair of numbers', value);
  const [low, high] = value.map((bound: unknown) => (bound === null ? null : float(bound)));
  if (low === undefined || high === undefined) throw wrong('a pair of numbers', value);
  if (low !== null && high !== null && low > high) throw wrong('a pair of numbers, the lower one first', value);
  return { low, high };
};

/** `{key: count}`, in the order of the object. */
export const counts: Parse<readonly Count[]> = (value) => {
  if (!isObject(value)) throw wrong('an object of counts', value);
  return Object.entries(value).map(([key, count]) => ({ key: text(key), count: int(count) }));
};

/** Any JSON object, rendered. */
export const object: Parse<string> = (value) => {
  if (!isObject(value)) throw wrong('an object', value);
  return jsonText(JSON.stringify(value));
};

/** An object that the index takes apart: with no members but some, each of a type or null. */
export function objectOf(members: Readonly<Record<string, Parse<unknown>>>): Parse<string> {
  return (value) => {
    const text = object(value);
    for (const [name, member] of Object.entries(value as object)) {
      const parse = Object.hasOwn(members, name) ? members[name] : undefined;
      if (parse === undefined) throw wrong(`an object of ${Object.keys(members).join(', ')}`, value);
      if (member !== null) parse(member);
    }
    return text;
  };
}

/**
 * JSON text as `JSON.stringify` makes it. Half a surrogate pair, which it escapes, is refused: what
 * reads the staged text later does so, too, and then for a whole batch.
 */
export const jsonText: Parse<string> = (value) => {
  if (typeof value !== 'string') throw wrong('JSON text', value);
  if (hasHalfPair(value)) throw new ValueError('has half of a surrogate pair in a string, which no text can have');
  return text(value);
};

/** Of a list, with its elements' own parser; they may be null. */
export function listOf<T>(parse: Parse<T>): Parse<readonly (T | null)[]> {
  return (value) => {
    if (!Array.isArray(value)) throw wrong('a list', value);
    return value.map((element: unknown) => (element === null ? null : parse(element)));
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && numberOf(value) === undefined;
}

const maxShown = 80;

function wrong(expected: string, value: unknown): ValueError {
  const shown = JSON.stringify(value) ?? String(value);
  return new ValueError(`must be ${expected}, not ${shown.length > maxShown ? `${shown.slice(0, maxShown)}…` : shown}`);
}

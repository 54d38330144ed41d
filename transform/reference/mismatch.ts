import type { Indexed } from './indexed.ts';

/** The first path at which a document of an index isn't what it must be; values as JSON text, shortened. */
export interface Mismatch {
  /** names and places in lists, joined by dots; empty where one of the two isn't there */
  readonly path: string;
  readonly index: string;
  readonly expected: string;
}

const longestShown = 120;

/** For people: what differs, of the document that is named first. */
export const mismatchText = (document: string, { path, index, expected }: Mismatch): string =>
  `${document}${path === '' ? '' : `, ${path}`}: ${index} in the index, ${expected} computed again`;

/**
 * Compares a document of an index with what it must be, member by member: values, and the order of lists. Inner
 * entities of a role, and paths that are marked, have no order.
 *
 * @param index null: there is none
 * @returns null where they are alike; `_hash` is not compared
 */
export function firstMismatch(index: Indexed | null, expected: Indexed | null): Mismatch | null {
  return mismatch(comparable(index), comparable(expected), []);
}

function comparable(document: Indexed | null): unknown {
  if (document === null) return undefined;
  const { _hash, contents, _rest: rest, ...members } = document;
  const all: Entries = Object.entries(members);
  const own = all.filter(([name]) => !name.startsWith('_'));
  const marks = all.filter(([name]) => name.startsWith('_'));
  const known = rest === undefined ? {} : { _rest: sortedRest(rest as Indexed) };
  return { ...Object.fromEntries(own), contents: sortedRoles(contents), ...sortedLists(marks), ...known };
}

type Entries = readonly (readonly [string, unknown])[];

const sortedRoles = (roles: unknown) => sortedLists(Object.entries(roles ?? {}));

const sortedRest = ({ contents, ...rest }: Indexed): Indexed => ({ ...rest, contents: sortedRoles(contents) });

const sortedLists = (members: Entries) => Object.fromEntries(members.map(([name, list]) => [name, sorted(list)]));

function sorted(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  const texts = new Map(list.map((one: unknown) => [one, textOf(one)]));
  return list.toSorted((a: unknown, b: unknown) => ((texts.get(a) ?? '') < (texts.get(b) ?? '') ? -1 : 1));
}

function mismatch(index: unknown, expected: unknown, path: readonly string[]): Mismatch | null {
  if (isComposite(index) && isComposite(expected) && Array.isArray(index) === Array.isArray(expected)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(index)])) {
      const found = mismatch(memberOf(index, name), memberOf(expected, name), [...path, name]);
      if (found !== null) return found;
    }
    return null;
  }
  const [a, b] = [textOf(index), textOf(expected)];
  return a === b ? null : { path: path.join('.'), index: shortened(a), expected: shortened(b) };
}

const isComposite = (value: unknown): value is object => typeof value === 'object' && value !== null;

const memberOf = (value: object, name: string): unknown =>
  Object.hasOwn(value, name) ? (value as Indexed)[name] : undefined;

const shortened = (text: string): string => (text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);

/** JSON text with members by name. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (!isComposite(value)) return JSON.stringify(value) ?? 'nothing';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`).join()}}`;
}

import { parsedJson } from '../../core/config/text.ts';

/** A text can't hold it: there each quote follows a backslash. */
const marker = Buffer.from('"buckets":[');

const quote = 0x22;
const backslash = 0x5c;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What a list of an answer was read as, and the place behind it. */
export interface ReadList {
  readonly value: unknown;
  readonly end: number;
}

/** Reads lists of buckets of one answer. */
export interface ListReader {
  /** @returns undefined for a list that it doesn't know */
  read(start: number): ReadList | undefined;
  /** Gives back memory that the values are in. */
  release(): void;
}

/**
 * Parses an answer of the search engine, but for its lists of buckets, which are left to a reader, and where it doesn't
 * know them as bytes, JSON arrays: they are nearly all of it, and shown nearly as they are. Lists within them stay there.
 *
 * @throws SyntaxError where it isn't JSON
 */
export function parseLifting(json: Buffer, reader: Pick<ListReader, 'read'>): unknown {
  const { rest, lists } = lift(json, reader);
  const answer: unknown = parsedJson(rest);
  putBack(answer, lists);
  return answer;
}

/** A reviver would do it, too, and take longer than all else that is done with what is left of an answer. */
function putBack(within: unknown, lists: readonly unknown[]): void {
  if (typeof within !== 'object' || within === null) return;
  const members = within as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const value = members[name];
    if (name === 'buckets' && typeof value === 'number') members[name] = lists[value];
    else putBack(value, lists);
  }
}

/** Numbers stand where the lists were. */
function lift(
  json: Buffer,
  reader: Pick<ListReader, 'read'>,
): { readonly rest: Buffer; readonly lists: readonly unknown[] } {
  const lists: unknown[] = [];
  const rest: Buffer[] = [];
  let from = 0;
  for (let at = json.indexOf(marker); at !== -1; at = json.indexOf(marker, from)) {
    const start = at + marker.length - 1;
    rest.push(json.subarray(from, start), Buffer.from(String(lists.length)));
    const { value, end } = reader.read(start) ?? bytesFrom(json, start);
    lists.push(value);
    from = end;
  }
  return { rest: Buffer.concat([...rest, json.subarray(from)]), lists };
}

function bytesFrom(json: Buffer, start: number): ReadList {
  const end = endOfList(json, start);
  return { value: json.subarray(start, end), end };
}

/** @returns the place behind it */
function endOfList(json: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const byte = json[at];
    if (byte === quote) at = endOfText(json, at);
    else if (byte === openList || byte === openObject) depth++;
    else if ((byte === closeList || byte === closeObject) && --depth === 0) return at + 1;
  }
  throw new SyntaxError('A list of buckets does not end');
}

/** @returns the place of its closing quote */
function endOfText(json: Buffer, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}

import { bounded } from './bounded.ts';
import { pointerPart } from './json-pointer.ts';

/** An object has two members with one name. Nobody can know which one is meant (RFC 8259, 4), and parsers lose the first. */
export class NameTwice extends Error {
  /** RFC 6901; of any length, as names are */
  readonly pointer: string;

  constructor(pointer: string) {
    super(bounded(`it has two members ${pointer}`));
    this.pointer = pointer;
  }
}

/** Deeper than any document; functions that look into values recurse for each level. */
const maxDepth = 500;

/**
 * Parses JSON from outside so that nothing of it is lost.
 *
 * @throws SyntaxError also where it is nested more deeply than we can look into
 * @throws NameTwice
 */
export function unambiguous<T>(text: string, parse: (text: string) => T): T {
  const written = membersWritten(text);
  const value = parse(text);
  // Counting takes a tenth of the time in which names are compared.
  if (written !== membersOf(value)) requireUniqueNames(text);
  return value;
}

/** @param text JSON, nested however deeply. @throws NameTwice */
export function requireUniqueNames(text: string): void {
  const twice = firstTwice(text);
  if (twice !== null) throw new NameTwice(twice);
}

/** How many members a text gives its objects: as many as it has colons between strings. */
function membersWritten(text: string): number {
  let members = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) i = endOfString(text, i);
    else if (unit === 0x3a) members++;
    else if (unit === 0x5b || unit === 0x7b) depth++;
    else if (unit === 0x5d || unit === 0x7d) depth--;
    if (depth > maxDepth) throw new SyntaxError(`it is nested more than ${maxDepth} levels deep`);
  }
  return members;
}

/** The place of the quote that ends the JSON string which begins there, or of the end of the text. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === 0x5c) before--;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}

const json = JSON as unknown as { isRawJSON(value: unknown): boolean };

/** How many members the objects of a parsed value have. A number that was kept as text is an object without any. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || json.isRawJSON(value)) return 0;
  const inside: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let members = Array.isArray(value) ? 0 : inside.length;
  for (const one of inside) if (typeof one === 'object') members += membersOf(one);
  return members;
}

/** What is open while a text is read: an object's names so far, or an element's index; and the member that is read. */
interface Open {
  readonly names: Set<string> | null;
  at: string;
}

/** The pointer to the first member whose name its object had before; null where there is none. */
function firstTwice(text: string): string | null {
  const open: Open[] = [];
  for (let i = 0; i < text.length; i++) {
    const inner = open.at(-1);
    const unit = text[i];
    if (unit === '"') {
      const end = endOfString(text, i);
      if (inner !== undefined && isName(text, end)) {
        inner.at = JSON.parse(text.slice(i, end + 1)) as string;
        if (inner.names?.has(inner.at)) return open.map(({ at }) => `/${pointerPart(at)}`).join('');
        inner.names?.add(inner.at);
      }
      i = end;
    } else if (unit === '{') open.push({ names: new Set(), at: '' });
    else if (unit === '[') open.push({ names: null, at: '0' });
    else if (unit === '}' || unit === ']') open.pop();
    else if (unit === ',' && inner?.names === null) inner.at = String(Number(inner.at) + 1);
  }
  return null;
}

/** Whether the string that ends there is the name of a member. */
function isName(text: string, end: number): boolean {
  let next = end + 1;
  while (/\s/.test(text[next] ?? '')) next++;
  return text[next] === ':';
}

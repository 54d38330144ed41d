import { endOfString } from './json-members.ts';

/** A member of a JSON object, or an element of a list, as it is written. */
export interface Part {
  /** null in a list */
  readonly name: string | null;
  /** where the comma or the bracket before it is */
  readonly start: number;
  /** its value, with blanks around it */
  readonly text: string;
}

const [quote, comma, colon] = [0x22, 0x2c, 0x3a];
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * What is in a JSON object or a list. For who needs the very text of a value: parsing and writing it again gives another one,
 * of numbers and escapes.
 *
 * @param json that a parser takes
 */
export function partsOf(json: string): readonly Part[] {
  const isObject = json.trimStart().startsWith('{');
  const parts: Part[] = [];
  let [depth, start, from] = [0, 0, 0];
  let name: string | null = null;
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i);
    if (unit === quote) {
      const end = endOfString(json, i);
      if (isObject && depth === 1 && name === null) name = JSON.parse(json.slice(i, end + 1)) as string;
      i = end;
    } else if (opening.has(unit)) {
      if (++depth === 1) [start, from] = [i, i + 1];
    } else if (unit === colon && depth === 1) from = i + 1;
    else if ((unit === comma && depth === 1) || (closing.has(unit) && --depth === 0)) {
      const text = json.slice(from, i);
      if (text.trim() !== '') parts.push({ name, start, text });
      [start, from, name] = [i, i + 1, null];
    }
  }
  return parts;
}

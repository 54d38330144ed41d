import { createHash } from 'node:crypto';
import { endOfString } from '../config/json-members.ts';
import { textOf } from '../config/text.ts';

/**
 * Texts that are too long for the search engine. A keyword holds 32,766 bytes of UTF-8. Instead of a longer text an
 * indexed document has a *key*: the beginning of the text, by which it sorts, and its digest, by which it is found
 * exactly.
 * The text itself is in `_texts`, by its key, and the decoder puts it back.
 */

/** bytes of UTF-8 */
const maxKeyword = 32_766;
const digestLength = 64;
/** What begins with it, at the end of a text, is a digest. */
const mark = '\0';
const maxBeginning = maxKeyword - digestLength - mark.length;
/** Bytes of a text from which it may need a key. */
export const longText = maxBeginning - 3;
const keyEnd = /\0[0-9a-f]{64}$/;

/** A text as the index holds it. A short one that looks like a key has one itself, so that no two texts are taken for one. */
export function heldText(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= longText || (bytes <= maxKeyword && !keyEnd.test(text))) return text;
  return `${beginning(text)}${mark}${createHash('sha256').update(text).digest('hex')}`;
}

/** As much of a text as there is room for; no character is cut in two. */
function beginning(text: string): string {
  const bytes = Buffer.from(text);
  let end = maxBeginning;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return textOf(bytes.subarray(0, end));
}

const quote = '"';

/**
 * JSON with keys in the place of its texts that are too long, names of members aside.
 *
 * @returns the texts by their keys; empty where nothing changed
 */
export function holdTexts(json: string): { readonly json: string; readonly texts: ReadonlyMap<string, string> } {
  const texts = new Map<string, string>();
  const parts: string[] = [];
  let from = 0;
  for (let start = json.indexOf(quote); start !== -1; ) {
    const end = endOfString(json, start) + 1;
    if (end > json.length) throw new SyntaxError('A text does not end');
    // A character of UTF-16 takes three bytes at most.
    if (3 * (end - start) > longText && json[end] !== ':') {
      const text = JSON.parse(json.slice(start, end)) as string;
      const held = heldText(text);
      if (held !== text) {
        texts.set(held, text);
        parts.push(json.slice(from, start), JSON.stringify(held));
        from = end;
      }
    }
    start = json.indexOf(quote, end);
  }
  return { json: parts.join('') + json.slice(from), texts };
}

/**
 * Characters that a terminal obeys instead of showing them (C0, DEL, C1), that end a line, that turn the order of what
 * follows around, or that nobody sees, such as the tags of plane 14. Lone surrogates are no characters.
 */
const misleading = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]/gu;

const short: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * A text as one line for a person: what would act on the terminal, end the line or mislead is shown as its escape
 * sequence, as in JSON. Whoever needs the very text takes JSON.
 */
export function printable(text: string): string {
  return text.replaceAll(misleading, (character) => short.get(character) ?? escaped(character));
}

/** The same for a text of several lines, which stay lines. */
export const printableLines = (text: string): string => text.split(/\r?\n/).map(printable).join('\n');

/** JSON text that says the same and has none of these characters, but for line ends between its values. */
export function printableJson(json: string): string {
  return json.replaceAll(misleading, (character) => (character === '\n' ? character : escaped(character)));
}

/** Its UTF-16 code units. */
const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

import fc from 'fast-check';

/** A combining mark, a letter with one in one piece, ligatures and letters whose case or width changes under folding. */
const marks = ['e\u0301', '\u00e9', '\u0301', '\u0130', '\u01c5', '\ufb01', '\u212b', '\uff21', '\u200d', '\u202e'];
/** What some decoder, parser, regular expression or terminal takes for something else than a character of a text. */
const treated = [
  ...[
    '\ufeff',
    '\ufeffa',
    'a\ufeff',
    '\ufeff\ufeff',
    'a\ufeffb',
    '\ufeff\u{1f600}',
    '\ufffe',
    '\ufffd',
    '\u00ff\u00fe',
  ],
  ...['\u0000', '\u0000a', 'a\u0000', 'a\u0000b', '\u0001', '\u001b[2J', '\u007f', '\u0080', '\u0080 1.0', '\u0085'],
  ...['\u2028', 'a\u2029b', '\u00a0', '\u200b', '\u3000a', '\n', '\r\n', '\t'],
];
/** Where UTF-16 and UTF-8 have another order: U+E000 to U+FFFF come after surrogates as units, before what these stand for as characters. */
const ordered = [
  '\ud7ff',
  '\ue000',
  '\ufb01',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
  '\ue000a',
  '\u{10000}a',
];
const quoted = [
  '\\',
  '"',
  "'",
  '\\"',
  "''",
  '\\u0000',
  '\\ud800',
  '\\ufeff',
  '/',
  '%',
  '_',
  '|',
  '$',
  '[]',
  '{}',
  'null',
];

/** Texts that have been, or could be, taken for others by something between a bundle and an answer. */
export const oddTexts: readonly string[] = [...new Set([...treated, ...marks, ...ordered, ...quoted])];

/** What has no bytes in UTF-8, though JSON can escape it. */
export const halves: readonly string[] = ['\ud800', 'a\udc00', '\udfff\ud800', '\ufeff\ud83e', '\ud800 a'];

/** A few characters, odd ones among them, before and behind others, too. */
const mixed = fc
  .array(fc.constantFrom('a', 'b', ' ', ...oddTexts), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));

/** Any text that JSON, SQL and an index can hold: every third is odd. All random texts of property tests come from here. */
export const anyText = (maxLength = 6): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(...oddTexts),
    mixed.map((text) => text.slice(0, maxLength).toWellFormed()),
    fc.string({ unit: 'binary', maxLength }),
  );

/** The same, and some that are no text. */
export const anyTextOrHalf = (maxLength = 6): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: anyText(maxLength) }, { weight: 1, arbitrary: fc.constantFrom(...halves) });

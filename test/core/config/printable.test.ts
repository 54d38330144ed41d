import { expect } from 'chai';
import fc from 'fast-check';
import { printable, printableJson } from '../../../core/config/printable.ts';
import { numRuns, seed } from '../../rigs/property.ts';

/** What acts on a terminal, ends a line or misleads, each with what it is shown as. */
const misleading = {
  '\u001b]0;owned\u0007': '\\u001b]0;owned\\u0007',
  'a\u001b[2Jb': 'a\\u001b[2Jb',
  'a\r\nb\tc': 'a\\r\\nb\\tc',
  '\u0000\u007f\u0085\u009b31m': '\\u0000\\u007f\\u0085\\u009b31m',
  'x\u2028y\u2029z': 'x\\u2028y\\u2029z',
  '\u202egpj.exe\u202c \u2066\u2069\u200f\u061c': '\\u202egpj.exe\\u202c \\u2066\\u2069\\u200f\\u061c',
  '\ufefffirst': '\\ufefffirst',
  '\ud800 alone': '\\ud800 alone',
  'tag \u{e0041}': 'tag \\udb40\\udc41',
};

const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom(...Object.keys(misleading)), fc.string({ unit: 'binary' })),
});

describe('Printable text', () => {
  for (const [text, shown] of Object.entries(misleading))
    it(`shows ${JSON.stringify(shown)}`, () => {
      expect(printable(text)).to.equal(shown);
    });

  it('is what it was where nothing misleads', () => {
    for (const text of ['', 'Zürich', 'ação “x” … ½', '日本語', 'नमस्ते', '👩‍🔬', 'C:\\temp', 'שלום'])
      expect(printable(text)).to.equal(text);
  });

  it('is one line of characters that can be seen', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(text)).to.not.match(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u);
        expect(printable(printable(text))).to.equal(printable(text));
      }),
      { numRuns: numRuns(1000), seed: seed() },
    );
  });
});

describe('Printable JSON', () => {
  it('says the same, on the same lines', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = printableJson(JSON.stringify({ [text]: [text] }, null, 2));
        expect(JSON.parse(json)).to.deep.equal({ [text]: [text] });
        expect(json.split('\n')).to.have.length(5);
        expect(json.replaceAll('\n', '')).to.equal(printable(json.replaceAll('\n', '')));
      }),
      { numRuns: numRuns(1000), seed: seed() },
    );
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { parseVerbatim } from '../../core/model/json.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { anyTextOrHalf } from '../rigs/texts.ts';

const blanks = fc.constantFrom('', '', ' ', '\n    ', '\t');

const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  fc.constantFrom('1.0', '-0', '0', '1e400', '-1E+5', '1e5', '1e21', '0e0', '0.5', '-0.0', '0.000001', '0.0000001'),
  fc.constantFrom('123456789012345', '12345678901234567', '9007199254740993', '1.50', '100'),
  fc.constantFrom('01', '1.', '+1', '.5', '1.0 2.0'),
);

/** Some look like numbers among members and elements, or hold what marks such numbers. */
const strings = fc
  .oneof(
    fc.string(),
    anyTextOrHalf(),
    fc.constantFrom('x: 7.50, y', ', 1.0, ', '":1.0,', '[1.0]', '\u0080', '\u00801.0', '\\', 'é'),
  )
  .map((string) => JSON.stringify(string));

const names = fc.oneof(strings, fc.constantFrom('"a"', '"1"', '"__proto__"', '2.0'));

/** Texts that are JSON, or nearly so. */
const { text } = fc.letrec<{ text: string; list: string; object: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'medium' },
    numbers,
    strings,
    fc.constantFrom('true', 'null'),
    tie('object'),
    tie('list'),
  ),
  list: fc
    .tuple(fc.array(tie('text')), blanks, blanks)
    .map(([elements, before, after]) => `[${elements.map((text) => before + text + after).join()}${before}]`),
  object: fc.tuple(fc.array(fc.tuple(names, tie('text'))), blanks, blanks).map(([members, before, after]) => {
    const texts = members.map(([name, text]) => `${before}${name}${after}:${before}${text}${after}`);
    return `{${texts.join()}}`;
  }),
}));

interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
}
const json = JSON as unknown as JsonWithSource;

/** The plain way: every number is kept as its source. */
function keepingAllSources(text: string): unknown {
  return json.parse(text, (_name, value, { source }) =>
    typeof value === 'number' && source !== undefined ? json.rawJSON(source) : value,
  );
}

function printed(parse: (text: string) => unknown, text: string): string {
  try {
    return JSON.stringify(parse(text));
  } catch (cause) {
    return String(cause);
  }
}

describe('JSON parsed verbatim', () => {
  it('prints all numbers as they stood in the text, and refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(text, blanks, (text, around) => {
        const whole = around + text + around;
        const expected = printed(keepingAllSources, whole);
        expect(printed(parseVerbatim, whole)).to.equal(expected);
        expect(printed((text) => parseVerbatim(text, Buffer.from(text)), whole)).to.equal(expected);
      }),
      { numRuns: numRuns(20_000), seed: seed() },
    );
  });

  it('keeps numbers of deep and odd places', () => {
    const text = '{"__proto__":{"a":[1.0,{"1":-0}]},"\u0080":"at pH: 7.50, then","e":[1e400 , 0.30000000000000004]}';
    expect(JSON.stringify(parseVerbatim(text))).to.equal(text.replace(' , ', ','));
  });
});

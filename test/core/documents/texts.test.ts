import { expect } from 'chai';
import * as fc from 'fast-check';
import { heldText, holdTexts } from '../../../core/documents/texts.ts';
import { numRuns, seed } from '../../rigs/property.ts';

const most = 32_766;
const bytesOf = (text: string) => Buffer.byteLength(text);
const one = fc.constantFrom('x', 'é', '\uffff', '\u{1F600}', '"', '\\', '\0', 'ab\n');
const long = fc
  .tuple(
    one,
    one,
    fc.constantFrom(most - 66, most - 65, most - 1, most, most + 1, 2 * most),
    fc.constantFrom('', 'y', 'é'),
  )
  .map(([a, b, bytes, end]) => b + a.repeat(bytes / bytesOf(a)) + end);
const held = long.map(heldText);
const text = fc.oneof(
  long,
  held,
  held.map((key) => `${key}y`),
  held.map((key) => key.slice(1)),
  fc.string(),
);

describe('A text in the index', () => {
  it('fits into a keyword, and no other text stands for the same', () => {
    const property = fc.property(fc.uniqueArray(text, { minLength: 2, maxLength: 8 }), (texts) => {
      const keys = texts.map(heldText);
      for (const key of keys) expect(bytesOf(key)).to.be.at.most(most);
      expect(new Set(keys).size).to.equal(texts.length);
    });
    fc.assert(property, { numRuns: numRuns(2000), seed: seed() });
  });

  it('is itself as long as it fits, and begins as it does else', () => {
    const property = fc.property(long, (given) => {
      const key = heldText(given);
      if (bytesOf(given) <= most) expect(key).to.equal(given);
      else expect(given.startsWith(key.slice(0, -65))).to.equal(true);
      expect(key.isWellFormed()).to.equal(true);
    });
    fc.assert(property, { numRuns: numRuns(2000), seed: seed() });
  });

  it('is found in any JSON but in names, and can be put back', () => {
    const value = fc.dictionary(
      fc.oneof(text, fc.constant('a')),
      fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.nat()),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    );
    const property = fc.property(value, (given) => {
      const { json, texts } = holdTexts(JSON.stringify(given));
      const own = (some: unknown): unknown => (typeof some === 'string' ? heldText(some) : some);
      const expected = Object.entries(given).map(([name, some]) => [
        name,
        Array.isArray(some) ? some.map(own) : own(some),
      ]);
      expect(JSON.parse(json)).to.deep.equal(Object.fromEntries(expected));
      for (const [key, whole] of texts) expect([heldText(whole), whole === key]).to.deep.equal([key, false]);
    });
    fc.assert(property, { numRuns: numRuns(1000), seed: seed() });
  });
});

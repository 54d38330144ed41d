import { expect } from 'chai';
import fc from 'fast-check';
import { partsOf } from '../../../core/config/json-parts.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyText } from '../../rigs/texts.ts';

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, -1.5e-9, 9007199254740991),
    anyText(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText(), tie('value'), { maxKeys: 4 }),
  ),
}));

describe('What is in JSON', () => {
  it('is found as it is written, with its name, wherever blanks stand', () => {
    const parameters = { numRuns: numRuns(20_000), seed: seed() };
    fc.assert(
      fc.property(fc.array(value, { maxLength: 5 }), fc.constantFrom('', ' ', '\n\t'), (values, blank) => {
        const texts = values.map((one) => JSON.stringify(one));
        const list = `${blank}[${blank}${texts.join(`${blank},${blank}`)}${blank}]`;
        expect(partsOf(list).map(({ text }) => text.trim())).to.deep.equal(texts);
        const names = texts.map((_text, i) => `"a\\"${i}:,{"`);
        const members = texts.map((text, i) => `${names[i]}${blank}:${blank}${text}`);
        const object = `{${blank}${members.join(`${blank},${blank}`)}${blank}}`;
        const parts = partsOf(object);
        expect(parts.map(({ text }) => text.trim())).to.deep.equal(texts);
        expect(parts.map(({ name }) => JSON.stringify(name))).to.deep.equal(names);
        // Where a part starts is where what was before it ends.
        const [, second] = parts;
        if (second !== undefined) expect(JSON.parse(`${object.slice(0, second.start)}}`)).to.be.an('object');
      }),
      parameters,
    );
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { rolesIn } from '../../../exports/formats/pfb/document-roles.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyText } from '../../rigs/texts.ts';

const anyRole = fc.array(fc.dictionary(anyText(), fc.oneof(fc.jsonValue({ maxDepth: 2 }), anyText())), {
  maxLength: 3,
});
const anyContents = fc.dictionary(fc.constantFrom('files', 'donors', 'contents', '_texts'), anyRole);
const anyDocument = fc.record(
  { entity_id: anyText(), contents: anyContents, size: fc.double(), _texts: fc.dictionary(anyText(), anyText()) },
  { requiredKeys: ['contents'] },
);

describe('The roles of a document', () => {
  it('are found without parsing it, and those that are known are not looked at', () => {
    const check = fc.property(anyDocument, anyContents, fc.constantFrom(0, 1), (document, others, indent) => {
      const json = (value: unknown): string => JSON.stringify(value, null, indent);
      const body = Buffer.from(json(document));
      const { contents, _texts } = JSON.parse(json(document)) as Partial<typeof document>;
      const found = rolesIn(body, () => undefined);
      const parsed = [...found.roles].map(([role, one]) => [role, JSON.parse(one.toString())]);
      expect(Object.fromEntries(parsed)).to.deep.equal(contents);
      expect(found.texts === undefined ? undefined : JSON.parse(found.texts.toString())).to.deep.equal(_texts);
      const known = new Map([...found.roles].map(([role, one]) => [role, Buffer.from(one)]));
      expect(rolesIn(body, (role) => known.get(role)).roles).to.deep.equal(known);
      for (const [role, one] of rolesIn(body, (of) => known.get(of)).roles) expect(one).to.equal(known.get(role));
      const other = rolesIn(Buffer.from(json({ contents: others })), () => undefined).roles;
      expect(rolesIn(body, (role) => other.get(role)).roles).to.deep.equal(found.roles);
    });
    fc.assert(check, { numRuns: numRuns(4000), seed: seed() });
  });
});

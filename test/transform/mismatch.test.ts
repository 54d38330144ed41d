import { expect } from 'chai';
import { firstMismatch, mismatchText } from '../../transform/reference/mismatch.ts';

const document = {
  entity_id: 'a',
  contents: { donors: [{ name: ['x', 'y'] }, { name: ['z'] }], files: [] },
  _nulls: ['contents.donors.age', 'contents.donors.name'],
  _hash: 1,
};

describe('Comparing an indexed document with what it must be', () => {
  it('finds nothing in other orders of members, inner entities and marks, nor another hash', () => {
    const same = {
      _hash: 2,
      _nulls: ['contents.donors.name', 'contents.donors.age'],
      contents: { files: [], donors: [{ name: ['z'] }, { name: ['x', 'y'] }] },
      entity_id: 'a',
    };
    expect(firstMismatch(same, document)).to.equal(null);
    expect(firstMismatch(null, null)).to.equal(null);
  });

  const others: Readonly<Record<string, readonly [object | null, object]>> = {
    'a value': [
      { ...document, entity_id: 'b' },
      { path: 'entity_id', index: '"b"', expected: '"a"' },
    ],
    'the order of a list of values': [
      { ...document, contents: { donors: [{ name: ['y', 'x'] }, { name: ['z'] }], files: [] } },
      { path: 'contents.donors.0.name.0', index: '"y"', expected: '"x"' },
    ],
    'a value too many, before what is marked': [
      {
        ...document,
        contents: { ...document.contents, donors: [{ name: ['x', 'y'] }, { name: ['z', 'z'] }] },
        _nulls: [],
      },
      { path: 'contents.donors.1.name.1', index: '"z"', expected: 'nothing' },
    ],
    'a role that is missing': [
      { ...document, contents: { donors: document.contents.donors } },
      { path: 'contents.files', index: 'nothing', expected: '[]' },
    ],
    'a document that is missing, shortened': [
      null,
      {
        path: '',
        index: 'nothing',
        expected:
          '{"_nulls":["contents.donors.age","contents.donors.name"],"contents":{"donors":[{"name":["x","y"]},{"name":["z"]}],"files…',
      },
    ],
  };
  for (const [what, [index, expected]] of Object.entries(others))
    it(`names ${what}`, () => {
      expect(firstMismatch(index as typeof document | null, document)).to.deep.equal(expected);
    });

  it('tells people document, member and both values', () => {
    const found = { path: 'contents.donors.0.name.0', index: '"y"', expected: '"x"' };
    expect([mismatchText('donors/a', found), mismatchText('donors/a', { ...found, path: '' })]).to.deep.equal([
      'donors/a, contents.donors.0.name.0: "y" in the index, "x" computed again',
      'donors/a: "y" in the index, "x" computed again',
    ]);
  });
});

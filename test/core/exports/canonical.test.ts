import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalFilters, canonicalJson } from '../../../core/exports/canonical.ts';
import { numRuns, seed } from '../../rigs/property.ts';

describe('Canonical filters', () => {
  it('are the same whatever the order of fields, members and values, and however often a value is there', () => {
    const one = { organ: { is: ['brain', null, 'blood'] }, age: { is: [{ value: '1', unit: 'year' }] } };
    const other = { age: { is: [{ unit: 'year', value: '1' }] }, organ: { is: ['blood', 'brain', null, 'brain'] } };
    expect(canonicalFilters(one)).to.equal(canonicalFilters(other));
    expect(canonicalFilters(one)).to.equal(
      '{"age":{"is":[{"unit":"year","value":"1"}]},"organ":{"is":["blood","brain",null]}}',
    );
  });

  it('keep the two ends of a range in their order', () => {
    expect(canonicalFilters({ size: { within: [[5, 1]] } })).to.not.equal(
      canonicalFilters({ size: { within: [[1, 5]] } }),
    );
  });

  it('tell values of different types apart', () => {
    const all = [[1], ['1'], [true], ['true'], [null], [], [[1]]];
    expect(new Set(all.map((is) => canonicalFilters({ a: { is } }))).size).to.equal(all.length);
  });

  it('parse to what they were made of', () => {
    const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const back: unknown = JSON.parse(canonicalJson(value));
      expect(back).to.deep.equal(JSON.parse(JSON.stringify(value)));
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(turned)).to.equal(canonicalJson(value));
    });
    fc.assert(property, { seed: seed(), numRuns: numRuns(1000) });
  });
});

import { expect } from 'chai';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { collectionDifferences, report } from '../rigs/difference.ts';
import { needsShared } from '../rigs/hca/shared.ts';
import { reduce } from '../rigs/transform/reducer.ts';
import { aggregateDifferences, expectedAdditions, expectedAggregates, withoutLimits } from './hca-expected.ts';

describe('The reference reducer', () => {
  before(function () {
    needsShared(this);
  });

  it('reduces the 1,488 expected contributions to the 1,447 expected aggregates', () => {
    const additions = expectedAdditions();
    const reduced = reduce(hca, additions);
    const full = reduce(withoutLimits(hca), additions);
    const problems = collectionDifferences(reduced, expectedAggregates(), (ours, theirs, name) => {
      const { _nulls, _truncated, _rest, ...document } = ours;
      return aggregateDifferences(typeOf(name), document, theirs, full.get(name) ?? ours);
    });
    expect(report(problems)).to.equal('');
    expect(additions.flatMap(({ contributions }) => contributions)).to.have.length(1488);
    expect(reduced.size).to.equal(1447);
  });
});

const typeOf = (name: string): string => name.slice(0, name.indexOf('/'));

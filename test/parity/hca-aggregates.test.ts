import { expect } from 'chai';
import type { Document } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { collectionDifferences, type Members, report } from '../rigs/difference.ts';
import { needsShared, sampleBundles } from '../rigs/hca/shared.ts';
import { openTestCatalog } from '../rigs/transform/computed.ts';
import { reduce } from '../rigs/transform/reducer.ts';
import { additions } from '../rigs/transform/staging.ts';
import { aggregateDifferences, expectedAdditions, expectedAggregates, withoutLimits } from './hca-expected.ts';

describe('Documents of the sample bundles', () => {
  let documents: ReadonlyMap<string, Document>;

  before(async function () {
    this.timeout(120_000);
    needsShared(this);
    const catalog = await openTestCatalog(hca);
    try {
      await catalog.add(additions([...sampleBundles()]));
      documents = await catalog.documents();
    } finally {
      await catalog.close();
    }
  });

  it('are the 1,447 expected aggregates, value by value', () => {
    const full = reduce(withoutLimits(hca), expectedAdditions());
    const problems = collectionDifferences(documents, expectedAggregates(), (ours, theirs, name) => {
      const whole = full.get(name);
      if (whole === undefined) return ['in no contribution'];
      return aggregateDifferences(name.slice(0, name.indexOf('/')), ours as unknown as Members, theirs, whole);
    });
    expect(report(problems)).to.equal('');
    expect(documents.size).to.equal(1447);
  });
});

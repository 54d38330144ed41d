import { expect } from 'chai';
import { described, estimate } from '../../cli/commands/forecast.ts';
import { someRun } from '../rigs/transform/runs.ts';

const forecast = {
  generation: 2,
  documents: 30,
  types: [{ entityType: 'files', before: 31, after: 30, vanished: 2, lost: 0, appeared: 1, sources: { a: 20, b: 10 } }],
  sampled: { documents: 5, changed: 1 },
};

describe('`lazuli reindex --dry-run`', () => {
  it('tells what would be written and change, and how long that would take', () => {
    expect(described('hca', forecast, 60_000)).to.deep.equal([
      'a reindex of hca would write 30 documents: about 1 min',
      'compared with generation 2, which serves',
      'documents  now  then  vanish  appear',
      'files      31   30    2       1',
      'of 5 that were computed to try, 1 would change',
      'source  documents  count',
      'a       files      20',
      'b       files      10',
    ]);
  });

  it('estimates the time by the last run that succeeded', () => {
    const succeeded = { ...someRun, state: 'succeeded' as const, rate: 10 };
    expect(estimate(forecast, [someRun, succeeded, { ...succeeded, rate: 1 }])).to.equal(3000);
    expect(estimate(forecast, [someRun])).to.equal(null);
  });
});

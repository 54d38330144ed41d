import { expect } from 'chai';
import { numRuns } from '../rigs/property.ts';

describe('The size of property tests', () => {
  const before = process.env.LAZULI_TEST_LONG;
  afterEach(() => {
    if (before === undefined) delete process.env.LAZULI_TEST_LONG;
    else process.env.LAZULI_TEST_LONG = before;
  });

  it('is a whole number above zero, in either size', () => {
    for (const [long, expected] of [
      ['1', [1, 100, 678]],
      ['', [1, 3, 17]],
    ] as const) {
      process.env.LAZULI_TEST_LONG = long;
      expect([1, 100, 2000 / 2.95].map(numRuns)).to.deep.equal(expected);
    }
  });
});

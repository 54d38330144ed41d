import { expect } from 'chai';
import { float, range } from '../../../core/staged/arrow/values.ts';

describe('Numbers in staged rows', () => {
  it('have one zero: -0.0 is 0.0, which a set would count as another value', () => {
    expect(Object.is(float(-0), 0)).to.equal(true);
    expect(Object.is(range([-0, 1]).low, 0)).to.equal(true);
  });
});

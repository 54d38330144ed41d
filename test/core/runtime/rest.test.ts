import { expect } from 'chai';
import { isRested, restAfter, restLeft } from '../../../core/runtime/rest.ts';

describe('Something that rests', () => {
  const rest = { since: 10_000, millis: 500 };

  it('is not done again before its time', () => {
    expect(restLeft(rest, 10_000)).to.equal(500);
    expect(restLeft(rest, 10_499)).to.equal(1);
    expect(isRested(rest, 10_499)).to.equal(false);
    expect(isRested(rest, 10_500)).to.equal(true);
  });

  it('is done at once where the clock was set back, and where it was set forward', () => {
    expect(isRested(rest, 9_999)).to.equal(true);
    expect(isRested(rest, 3_610_000)).to.equal(true);
  });

  it('rests for an hour at most, however long it seems to have taken', () => {
    expect(restAfter(1000, 1020, 100)).to.deep.equal({ since: 1020, millis: 2000 });
    expect(restAfter(1000, 900, 100)).to.deep.equal({ since: 900, millis: 0 });
    expect(restAfter(1000, 3_601_000, 100).millis).to.equal(3_600_000);
  });
});

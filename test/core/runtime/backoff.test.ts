import { expect } from 'chai';
import fc from 'fast-check';
import { fullJitter } from '../../../core/runtime/backoff.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { numRuns, seed } from '../../rigs/property.ts';

describe('Waiting', () => {
  it('doubles its ceiling up to the cap, and takes any part of it', () => {
    const backoff = { baseMillis: 100, capMillis: 5_000 };
    const ceilings = [1, 2, 3, 6, 7, 100, 10_000].map((failures) => fullJitter(failures, backoff, () => 1));
    expect(ceilings).to.deep.equal([100, 200, 400, 3200, 5000, 5000, 5000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (failures) => {
        expect(fullJitter(failures, backoff)).to.be.within(0, 5000);
      }),
      { numRuns: numRuns(2000), seed: seed() },
    );
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const slept = systemClock.sleep(60_000, controller.signal).catch((caught) => caught);
    controller.abort(reason);
    expect(await slept).to.equal(reason);
    expect(await systemClock.sleep(1, controller.signal).catch((caught) => caught)).to.equal(reason);
  });
});

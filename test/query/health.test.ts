import { expect } from 'chai';
import { healthOf, remembered } from '../../query/health.ts';

describe('health', () => {
  it('is up when everything is, and a check that fails is down with a reason', async () => {
    const failing = async () => {
      throw new Error('out of order');
    };
    expect(await healthOf({ one: async () => ({ up: true, detail: 1 }) })).to.deep.equal({
      one: { up: true, detail: 1 },
      up: true,
    });
    expect(await healthOf({ one: failing })).to.deep.equal({ one: { up: false, error: 'out of order' }, up: false });
  });

  it('is asked again only when the last answer is old', async () => {
    let [asked, time] = [0, 0];
    const check = async () => ({ up: ++asked > 0 });
    const cached = remembered(check, 60, () => time);
    for (time of [0, 60, 61, 121, 122]) await cached();
    expect(asked).to.equal(3);
  });
});

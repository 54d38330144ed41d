import { expect } from 'chai';
import { Handout } from '../../transform/building/handout.ts';
import type { Bucket } from '../../transform/generations/plan.ts';

const bucket = (number: number): Bucket => ({ number, documents: 10, bundles: { low: 0, high: 9 } });
const patience = { lease: 15_000, absence: 60_000 };

/** A build of so many buckets, by a clock of its own. */
function handout(buckets: number) {
  const time = { now: 1_000_000 };
  const clock = { now: () => time.now, sleep: async () => {} };
  const handout = new Handout({ clock, patience });
  handout.fill(Array.from({ length: buckets }, (_, i) => bucket(i)));
  return { handout, time };
}

const number = (next: Bucket | 'others' | null | undefined) => (typeof next === 'object' ? next?.number : next);

describe('Buckets of a build', () => {
  it('are all the owner’s, in their order, where no builders are wanted', () => {
    const { handout: one } = handout(2);
    expect(one.take('a')).to.equal(null);
    expect([one.next(), one.next(), one.next()].map(number)).to.deep.equal([0, 1, undefined]);
  });

  it('are taken by builders, one after the other, while the owner waits until all are done', () => {
    const { handout: one } = handout(3);
    one.open();
    expect([one.take('a'), one.take('b')].map(number)).to.deep.equal([0, 1]);
    expect(one.shown(2)).to.deep.equal({
      wanted: 2,
      working: [
        { builder: 'a', buckets: 1 },
        { builder: 'b', buckets: 1 },
      ],
      left: 1,
    });
    expect(one.next()).to.equal('others');
    one.done(0);
    one.done(1);
    expect([number(one.take('a')), number(one.take('b'))]).to.deep.equal([2, undefined]);
    expect(one.next()).to.equal('others');
    one.done(2);
    expect(one.next()).to.equal(undefined);
    expect(one.shown(2).wanted).to.equal(0);
  });

  it('go to others where their builder gives no sign of life, and that one learns it', () => {
    const { handout: one, time } = handout(1);
    one.open();
    one.take('a');
    time.now += patience.lease - 1;
    expect(one.keep(0, 'a')).to.equal(true);
    time.now += patience.lease - 1;
    expect(one.take('b')).to.equal(null);
    time.now += 1;
    expect(number(one.take('b'))).to.equal(0);
    expect(one.keep(0, 'a')).to.equal(false);
    expect(number(one.builtByOthers(0)), 'what the first one reports late is of use').to.equal(0);
  });

  it('are built by the owner once no builder has asked for a while, until one does', () => {
    const { handout: one, time } = handout(3);
    one.open();
    expect(one.next()).to.equal('others');
    time.now += patience.absence;
    expect(number(one.next())).to.equal(0);
    expect(one.builtByOthers(0), 'the owner has it').to.equal(null);
    expect(number(one.take('a'))).to.equal(1);
    expect(one.next()).to.equal('others');
  });

  it('are the owner’s alone once a builder has failed at them, or three have given them back or died of them', () => {
    const { handout: one, time } = handout(2);
    one.open();
    one.leaveToOwner(bucket(1));
    for (const builder of ['a', 'b', 'c']) {
      expect(number(one.take(builder))).to.equal(0);
      if (builder === 'a') one.giveBack(bucket(0));
      else time.now += patience.lease;
    }
    expect(one.take('d')).to.equal(null);
    expect([one.next(), one.next(), one.next()].map(number)).to.have.members([0, 1, undefined]);
  });

  it('are free again where their builder had to stop, however often that was', () => {
    const { handout: one } = handout(1);
    one.open();
    for (let i = 0; i < 5; i++) {
      expect(number(one.take('a'))).to.equal(0);
      one.release(0, 'b');
      expect(one.keep(0, 'a'), 'it was not that one').to.equal(true);
      one.release(0, 'a');
    }
    expect(one.next(), 'builders may still have it').to.equal('others');
  });

  it('that the owner had when something failed are read again, and not those that builders have', () => {
    const { handout: one } = handout(3);
    one.open();
    one.take('a');
    one.empty();
    expect(one.take('b'), 'until they are read').to.equal(null);
    one.fill([bucket(0), bucket(2)]);
    expect(number(one.take('b'))).to.equal(2);
    one.close();
    expect([one.take('b'), one.keep(0, 'a'), one.keep(2, 'b')]).to.deep.equal([null, false, false]);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { engines } from '../rigs/engines.ts';
import { isLong, longMinutes, seed } from '../rigs/property.ts';
import { play, told } from './play.ts';
import { Simulation } from './simulation.ts';
import { Site } from './site.ts';
import { schedules } from './steps.ts';

/** Schedules in a run of all tests. The long run has time instead. */
const wanted = 40;
/** For how long fewer steps are tried after a failure. */
const shrinkMillis = 300_000;
/** More than the longest time is enough for. */
const endless = 100_000;

describe('Whatever happens, the index comes to say what was told', () => {
  it('random schedules of notifications, faults and operations', async function () {
    const millis = longMinutes() * 60_000;
    this.timeout(millis + 2 * shrinkMillis);
    const path = process.env.LAZULI_PATH;
    const much = isLong() ? { most: endless, until: Date.now() + millis } : { most: wanted };
    const opensearch = await engines.opensearch();
    const { schedules: passed, runs, failure } = await play({ opensearch, seed: seed(), path, shrinkMillis, ...much });
    console.log(`      ${passed} schedules in ${runs} runs passed`);
    if (failure !== null) throw new Error(failure);
    if (path === undefined) expect(passed).to.be.at.least(isLong() ? 1 : wanted);
  });
});

describe('A simulation', () => {
  it('finds that tombstones are lost', async function () {
    this.timeout(300_000);
    const search = await engines.opensearch();
    const property = fc.asyncProperty(schedules, async (all) => {
      await using simulation = new Simulation(await Site.open(search, ({ _deleted }) => _deleted === true));
      await simulation.run(all);
    });
    const details = await fc.check(property, { seed: 1, numRuns: 20, endOnFailure: true });
    expect(details.failed).to.equal(true);
    expect(told(details)).to.match(/not expected|Generation \d+ is not what the store says|verification/);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { engines } from '../rigs/engines.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { Simulation } from './simulation.ts';
import { Site } from './site.ts';
import { printed, type Schedules, schedules } from './steps.ts';

/** Schedules that are to be run; several of them at a time, but not always as many: runs that are left then do nothing. */
const wanted = 2000;
const runs = wanted / 2.95;
/** Runs that share a catalog and its indices: to create some takes longer than most schedules. */
const runsTogether = 8;
/** For how long fewer steps are tried after a failure. */
const shrinkMillis = 300_000;

/** Catalogs for runs, one after the other; after a failure each run has one of its own, so that it can be shrunk. */
class Catalogs {
  #simulation: Simulation | null = null;
  #failed: number | null = null;
  #schedules = 0;

  /** that have come to a good end */
  get schedules(): number {
    return this.#schedules;
  }

  async run(all: Schedules): Promise<void> {
    if (this.#schedules >= numRuns(wanted)) return;
    if (this.#failed !== null && Date.now() > this.#failed + shrinkMillis) return;
    if (this.#failed !== null || (this.#simulation?.runs ?? 0) >= runsTogether) await this.end();
    this.#simulation ??= new Simulation(await Site.open(await engines.opensearch()));
    try {
      await this.#simulation.run(all);
      this.#schedules += new Set(all.map(({ world }) => world)).size;
    } catch (error) {
      this.#failed ??= Date.now();
      await this.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.#simulation?.[Symbol.asyncDispose]();
    this.#simulation = null;
  }
}

describe('Whatever happens, the index comes to say what was told', () => {
  it('random schedules of notifications, faults and operations', async function () {
    this.timeout(3_600_000);
    const catalogs = new Catalogs();
    const path = process.env.LAZULI_PATH;
    const details = await fc.check(
      fc.asyncProperty(schedules, (all) => catalogs.run(all)),
      { seed: seed(), numRuns: numRuns(runs), ...(path === undefined ? {} : { path }) },
    );
    await catalogs.end();
    console.log(`      ${catalogs.schedules} schedules in ${details.numRuns} runs`);
    if (details.failed) throw new Error(told(details));
    if (path === undefined) expect(catalogs.schedules).to.be.at.least(numRuns(wanted));
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

const command = 'npm test -- test/simulation/simulation.test.ts';

/** What went wrong, by which steps, and how to see it again. */
function told({
  errorInstance,
  counterexample,
  counterexamplePath,
  seed,
  numShrinks,
}: fc.RunDetails<[Schedules]>): string {
  const [steps = []] = counterexample ?? [];
  return [
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    `by these steps, after ${numShrinks} attempts with fewer; before each is the number of its schedule:`,
    printed(steps),
    `again: LAZULI_SEED=${seed} LAZULI_PATH=${counterexamplePath} ${command}`,
    `with the schedules before it, on whose catalog it may depend: LAZULI_SEED=${seed} ${command}`,
  ].join('\n');
}

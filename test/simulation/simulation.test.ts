import fc from 'fast-check';
import { engines } from '../engines.ts';
import { numRuns, seed } from '../property.ts';
import { Simulation } from './simulation.ts';
import { Site } from './site.ts';
import { printed, type Schedule, schedules } from './steps.ts';

/** Schedules that share a catalog and its indices: to create some takes longer than most schedules. */
const together = 20;

describe('Whatever happens, the index comes to say what was told', () => {
  it('random schedules of notifications, faults and operations', async function () {
    this.timeout(3_600_000);
    let simulation: Simulation | null = null;
    let failed = false;
    const end = async (): Promise<void> => {
      await simulation?.[Symbol.asyncDispose]();
      simulation = null;
    };
    const run = async (schedule: Schedule): Promise<void> => {
      if (simulation !== null && (failed || simulation.schedules >= together)) await end();
      simulation ??= new Simulation(await Site.open(await engines.opensearch()));
      try {
        await simulation.run(schedule);
      } catch (error) {
        failed = true;
        await end();
        throw error;
      }
    };
    const options = { seed: seed(), numRuns: numRuns(2000), interruptAfterTimeLimit: 3_000_000 };
    const path = process.env.LAZULI_PATH;
    const details = await fc.check(
      fc.asyncProperty(schedules, run),
      path === undefined ? options : { ...options, path },
    );
    await end();
    if (!details.failed) return;
    const [schedule] = details.counterexample ?? [];
    throw new Error(
      [
        `${(details.errorInstance as Error | null)?.stack}`,
        `after ${details.numRuns} schedules, shrunk ${details.numShrinks} times, by`,
        schedule === undefined ? '' : printed(schedule),
        `again: LAZULI_SEED=${details.seed} LAZULI_PATH=${details.counterexamplePath} npm test -- test/simulation/simulation.test.ts`,
      ].join('\n'),
    );
  });
});

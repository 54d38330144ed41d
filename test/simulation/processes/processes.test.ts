import fc from 'fast-check';
import { engines } from '../../rigs/engines.ts';
import { isLong, longMinutes, seed } from '../../rigs/property.ts';
import { Processes } from './processes.ts';
import { printed, type Steps, schedules } from './steps.ts';

const minute = 60_000;
/** How long a schedule may take, as stalls take a minute each. */
const scheduleMillis = 15 * minute;
/** More than the longest time is enough for. */
const endless = 10_000;

/** A little of everything. It takes a minute of CPU, for the processes that start and end: too much for every run. */
const fixed: Steps = [
  { kind: 'notify', count: 4, again: 1 },
  {
    kind: 'search fails',
    asked: 'bulk',
    fault: { kind: 'untrue', how: 'is the page of a proxy', when: 'before' },
    times: 1,
  },
  { kind: 'die at', role: 'transform', point: 'transform.computed', hit: 1 },
  { kind: 'export' },
  { kind: 'search fails', asked: 'search', fault: { kind: 'partial' }, times: 2 },
  { kind: 'kill', role: 'export' },
  { kind: 'notify', count: 4, again: 0 },
  { kind: 'damage', how: 'flipped', which: 1 },
];

async function play(steps: Steps): Promise<void> {
  await using processes = await Processes.open(await engines.opensearch());
  await processes.run(steps);
}

describe('Whatever happens to processes, all that judge agree in the end', () => {
  if (!isLong()) return;
  it('a short schedule', async function () {
    this.timeout(scheduleMillis);
    await play(fixed);
  });

  it('random schedules', async function () {
    // Beside the other simulation, which has the whole time.
    const until = Date.now() + (longMinutes() * minute) / 3;
    this.timeout((longMinutes() * minute) / 3 + 2 * scheduleMillis);
    let passed = 0;
    const path = process.env.LAZULI_PATH;
    const property = fc.asyncProperty(schedules, async (steps) => {
      if (Date.now() > until) return;
      await play(steps);
      passed++;
    });
    const details = await fc.check(property, {
      seed: seed(),
      numRuns: endless,
      endOnFailure: true,
      ...(path === undefined ? {} : { path }),
    });
    console.log(`      ${passed} schedules of processes passed`);
    if (!details.failed) return;
    const [steps = []] = details.counterexample ?? [];
    const { errorInstance, counterexamplePath } = details;
    const again = `again, as far as processes repeat themselves: LAZULI_SEED=${details.seed} LAZULI_PATH=${counterexamplePath} npm run test:long -- test/simulation/processes/processes.test.ts`;
    throw new Error(
      [errorInstance instanceof Error ? errorInstance.message : String(errorInstance), printed(steps), again].join(
        '\n',
      ),
    );
  });
});

import { engines } from '../rigs/engines.ts';
import { Simulation } from './simulation.ts';
import { Site } from './site.ts';
import type { Schedules, Step, Told } from './steps.ts';

const hour = 3_600_000;
const add = (bundle: number, version: number, source = 0): Told => ({
  action: 'add',
  source,
  bundle,
  version,
  spec: 0,
});
const notify = (...told: readonly Told[]): Step => ({ kind: 'notify', told });
const wait = (millis: number): Step => ({ kind: 'wait', millis });

/** What drawn seeds have found, as far as it takes to find it again. */
const found: Readonly<Record<string, readonly Step[]>> = {
  'the clock of transform is set back: what changed is published all the same': [
    notify(add(0, 0), add(1, 0)),
    wait(70_000),
    { kind: 'clock', role: 'transform', ahead: -hour },
    notify(add(0, 1), add(1, 1)),
  ],
  'the clock of a stage that is paused is set back: it goes on once it is told to': [
    { kind: 'pause', stage: 'emit' },
    wait(5_000),
    { kind: 'clock', role: 'transform', ahead: -hour },
    notify(add(0, 0)),
  ],
  'the clock of transform is behind that of ingest: a source is removed all the same': [
    { kind: 'clock', role: 'transform', ahead: -hour },
    notify(add(0, 0), add(1, 0), add(0, 0, 1)),
    wait(5_000),
    { kind: 'remove source', source: 0 },
  ],
};

describe('What drawn seeds have found', () => {
  for (const [name, steps] of Object.entries(found)) {
    it(name, async () => {
      await using simulation = new Simulation(await Site.open(await engines.opensearch()));
      const schedules: Schedules = steps.map((step) => ({ world: 0, step, after: 0 }));
      await simulation.run(schedules);
    });
  }
});

import { join } from 'node:path';
import type { FullBundleAction } from '../../../cli/up/bundle-folder.ts';
import type { GeneratorOptions } from '../../../core/model/generator.ts';
import { dataFolder, type Stack, untilSettled, withStack } from '../machine/stack.ts';
import type { Findings, Measurement } from '../measurement.ts';
import { median, quantile, shown } from '../statistics.ts';
import { Finder } from './finder.ts';
import { stageWorld } from './ready.ts';
import type { Bench, Section } from './section.ts';

const target = { bound: 'most', value: 2 } as const;
const underLoad = { bound: 'most', value: 60 } as const;
/** A hot document rests ten times as long as it took to write, at most a minute (architecture, invariant 8). */
const rest = { times: 10, maxMillis: 60_000 } as const;

/** From a notification to a search that finds it. */
export const latencySection: Section = {
  name: 'latency',
  question: 'How long from a notification until a search finds all documents that it touches?',
  async run(bench) {
    const idle = await whenIdle(bench);
    const hot = await inHotProject(bench);
    return { measurements: [...idle.measurements, ...hot.measurements] };
  },
};

async function whenIdle(bench: Bench): Promise<Findings> {
  const { background, notifications } = bench.sizes.latency;
  return prepared(bench, 'idle', background, notifications, async (stack, finder, rest) => {
    const seconds: number[] = [];
    for (const action of rest) seconds.push(await waitFor(stack, finder, action));
    bench.say(`idle: ${seconds.map(shown).join(' ')} s`);
    return {
      measurements: summary('searchable when idle', seconds, `${stack.bundles.actions.length} bundles`),
    };
  });
}

async function inHotProject(bench: Bench): Promise<Findings> {
  const { hot, hotNotifications, hotLoad } = bench.sizes.latency;
  const kept = 2 * hotNotifications + hotLoad + 1;
  return prepared(bench, 'hot', hot, kept, async (stack, finder, actions) => {
    const note = `${hot.bundles} bundles in one project, all entity types`;
    const next = actions.values();
    const take = (count: number): FullBundleAction[] => [...next.take(count)];
    const spaced: number[] = [];
    for (const action of actions.slice(0, hotNotifications)) {
      const seconds = await waitFor(stack, finder, action);
      spaced.push(seconds);
      await sleep(Math.min(rest.maxMillis, rest.times * seconds * 1000));
    }
    bench.say(`hot, one when the last has rested: ${spaced.map(shown).join(' ')} s`);
    take(hotNotifications);
    const chained: number[] = [];
    for (const action of take(hotNotifications)) chained.push(await waitFor(stack, finder, action));
    bench.say(`hot, one when the last is found: ${chained.map(shown).join(' ')} s`);
    const loaded = await waitUnderLoad(stack, finder, take(hotLoad), take(1)[0] as FullBundleAction);
    bench.say(`hot, under load: ${shown(loaded)} s`);
    return {
      measurements: [
        ...summary('searchable in a hot project', spaced, `${note}; each when the one before has rested`),
        {
          name: 'searchable in a hot project, median, without rest',
          value: median(chained),
          unit: 's',
          note: `${note}; each when the one before is found`,
        },
        {
          name: 'searchable in a hot project under load',
          value: loaded,
          unit: 's',
          target: underLoad,
          note: `${note}; ${hotLoad} others sent at the same time`,
        },
      ],
    };
  });
}

/** A stack in which all bundles but the last ones are indexed: staged before it starts, it builds them at once. */
async function prepared(
  bench: Bench,
  name: string,
  world: GeneratorOptions,
  keep: number,
  work: (stack: Stack, finder: Finder, kept: readonly FullBundleAction[]) => Promise<Findings>,
): Promise<Findings> {
  const folder = join(bench.folder, name);
  const full = { ...world, bundles: world.bundles + keep };
  const { stagingCpu } = await stageWorld(dataFolder(folder), { generated: full }, world.bundles);
  bench.say(`${name}: ${world.bundles} bundles staged: ${shown(stagingCpu)} s of CPU`);
  return withStack({ folder, world: full, staged: world.bundles, say: bench.say }, async (stack) => {
    const { settings, bundles } = stack;
    const finder = await Finder.open(settings, bundles);
    const started = performance.now();
    await untilSettled(settings, bundles.catalog, world.bundles);
    bench.say(`${name}: ${world.bundles} bundles indexed in ${shown((performance.now() - started) / 1000)} s`);
    return work(stack, finder, bundles.actions.slice(-keep));
  });
}

/** @returns seconds until a search finds every document that the bundle touches, as it is then */
async function waitFor(stack: Stack, finder: Finder, action: FullBundleAction, others = 0): Promise<number> {
  const wanted = finder.wanted(action, stack.notified + others + 1);
  const started = performance.now();
  await stack.notify([action]);
  await finder.untilFound(wanted);
  return (performance.now() - started) / 1000;
}

async function waitUnderLoad(
  stack: Stack,
  finder: Finder,
  load: readonly FullBundleAction[],
  action: FullBundleAction,
): Promise<number> {
  const waited = waitFor(stack, finder, action, load.length);
  const [seconds] = await Promise.all([waited, stack.notify(load)]);
  return seconds;
}

function summary(name: string, seconds: readonly number[], note: string): Measurement[] {
  const times = `${seconds.length} times`;
  return [
    { name: `${name}, median`, value: median(seconds), unit: 's', target, note: `${note}; ${times}` },
    { name: `${name}, 95th percentile`, value: quantile(seconds, 0.95), unit: 's' },
  ];
}

const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

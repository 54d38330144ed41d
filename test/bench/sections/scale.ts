import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { paceLine } from '../machine/pace.ts';
import { cpuMillis, untilCalm } from '../machine/proc.ts';
import { type SearchServer, withSearchServer } from '../machine/search-server.ts';
import type { Findings, Measurement } from '../measurement.ts';
import { scaleWorld } from '../sizes.ts';
import { median, shown } from '../statistics.ts';
import { stageWorld, withOwner } from './ready.ts';
import { type Growth, nameOf, scaleTables, shownOrNot } from './scale-tables.ts';
import { type Bench, memoryLimit, type Section } from './section.ts';

const growthLimit = 11;

/** Beyond this the time without a sink isn't measured: it takes as long again, and grows as it did before. */
const mostWithoutSink = 10_000;

/** Rebuild time and memory by the number of bundles. */
export const scaleSection: Section = {
  name: 'scale',
  question: 'How do time and memory of a rebuild grow with the number of bundles?',
  run: (bench) => withSearchServer(bench, (server) => grow(bench, server)),
};

async function grow(bench: Bench, server: SearchServer): Promise<Findings> {
  const { bundles: counts, skews, repeats } = bench.sizes.scale;
  const sizes = skews.flatMap((skew) =>
    counts.map((bundles, i) => ({ bundles, skew, repeats: i === 0 ? repeats : 1 })),
  );
  // Each takes about as long as it has bundles.
  const expected = sizes.reduce((sum, { bundles, repeats }) => sum + bundles * repeats, 0);
  const started = performance.now();
  const all: Growth[] = [];
  let done = 0;
  for (const size of sizes) {
    all.push(middle(await measureSize(bench, server, size)));
    done += size.bundles * size.repeats;
    bench.say(paceLine('bundles', done, expected, (performance.now() - started) / 1000));
  }
  return findings(all, skews);
}

async function measureSize(
  bench: Bench,
  server: SearchServer,
  { bundles, skew, repeats }: { bundles: number; skew: number; repeats: number },
): Promise<Growth[]> {
  const folder = join(bench.folder, `${bundles}-${skew}`);
  const staged = await stageWorld(folder, { generated: scaleWorld(bundles, skew) });
  bench.say(`${bundles} bundles (skew ${skew}) staged: ${shown(staged.stagingCpu)} s of CPU`);
  const runs: Growth[] = [];
  for (let i = 0; i < repeats; i++) {
    const run = { bundles, skew, ...(await measureOnce(folder, server, bundles <= mostWithoutSink)) };
    bench.say(
      `${bundles} bundles (skew ${skew}): ${run.documents} documents, load ${shown(run.load)} s, rebuild ${shown(run.rebuild)} s (CPU ${shown(run.clientCpu)} s, server ${shown(run.serverCpu)} s), without sink ${shownOrNot(run.build)} s, peak ${shown(run.peak)} MB`,
    );
    runs.push(run);
  }
  await rm(folder, { recursive: true });
  return runs;
}

function measureOnce(
  folder: string,
  server: SearchServer,
  withoutSink: boolean,
): Promise<Omit<Growth, 'bundles' | 'skew'>> {
  return withOwner({ folder, opensearch: server.url }, async (owner) => {
    await owner.ask('clear', null);
    const load = await owner.ask('load', null);
    await untilCalm(server.pid);
    const before = cpuMillis(server.pid);
    const rebuild = await owner.ask('take', null);
    const serverCpu = (cpuMillis(server.pid) - before) / 1000;
    const documents = (await owner.ask('count', null)).value;
    await owner.ask('rest', null);
    const build = withoutSink ? (await owner.ask('build', null)).seconds : null;
    return {
      documents,
      load: load.seconds,
      rebuild: rebuild.seconds,
      clientCpu: rebuild.cpu,
      serverCpu,
      build,
      peak: owner.peakMegabytes,
    };
  });
}

/** The medians of repeated runs; the highest peak. */
function middle(runs: readonly Growth[]): Growth {
  const [first] = runs;
  if (first === undefined) throw new RangeError('Nothing was measured');
  const of = (what: 'load' | 'rebuild' | 'clientCpu' | 'serverCpu'): number => median(runs.map((run) => run[what]));
  const builds = runs.flatMap(({ build }) => build ?? []);
  return {
    ...first,
    load: of('load'),
    rebuild: of('rebuild'),
    clientCpu: of('clientCpu'),
    serverCpu: of('serverCpu'),
    build: builds.length === 0 ? null : median(builds),
    peak: Math.max(...runs.map(({ peak }) => peak)),
  };
}

function findings(all: readonly Growth[], skews: readonly number[]): Findings {
  const ofSkew = (skew: number): Growth[] => all.filter((growth) => growth.skew === skew);
  const points = (skew: number, what: 'rebuild' | 'build' | 'peak') =>
    ofSkew(skew).flatMap(({ bundles, [what]: value }) => (value === null ? [] : [{ bundles, value }]));
  return {
    measurements: [
      ...skews.flatMap((skew) => growthOf(ofSkew(skew))),
      ...skews.flatMap((skew) => ratesOf(ofSkew(skew).slice(-1))),
      {
        name: 'peak memory of the process that rebuilds, any size',
        value: Math.max(...all.map(({ peak }) => peak)),
        unit: 'MB',
        target: { bound: 'most', value: memoryLimit },
      },
    ],
    lines: skews.flatMap((skew) => [
      { name: `rebuild, ${nameOf(skew)}`, unit: 's' as const, points: points(skew, 'rebuild') },
      { name: `without sink, ${nameOf(skew)}`, unit: 's' as const, points: points(skew, 'build') },
      { name: `peak memory, ${nameOf(skew)}`, unit: 'MB' as const, points: points(skew, 'peak') },
    ]),
    breakdowns: scaleTables(all),
  };
}

function growthOf(sizes: readonly Growth[]): Measurement[] {
  return sizes.slice(1).flatMap((larger, i) => {
    const smaller = sizes[i] as Growth;
    const times = larger.bundles / smaller.bundles;
    const limit = (growthLimit * times) / 10;
    const name = `${smaller.bundles} → ${larger.bundles} bundles, ${nameOf(larger.skew)}`;
    const note = `${shown(larger.documents / smaller.documents)} times the documents`;
    const target = { bound: 'most' as const, value: limit };
    const rebuild: Measurement = {
      ...{ name: `rebuild, ${name}`, unit: 'ratio', target, note },
      value: larger.rebuild / smaller.rebuild,
    };
    if (larger.build === null || smaller.build === null) return [rebuild];
    return [rebuild, { name: `without sink, ${name}`, value: larger.build / smaller.build, unit: 'ratio' }];
  });
}

/** What a rebuild comes to in a second, and in a second of CPU. */
function ratesOf(sizes: readonly Growth[]): Measurement[] {
  return sizes.flatMap((growth): Measurement[] => {
    const name = `rebuild of ${growth.bundles} bundles, ${nameOf(growth.skew)}`;
    const cpu = growth.clientCpu + growth.serverCpu;
    const note = 'a second of CPU, of the process that rebuilds and of the server together';
    return [
      { name, value: growth.documents / growth.rebuild, unit: 'documents/s' },
      { name: `${name}, a core`, value: growth.documents / cpu, unit: 'documents/s', note },
      { name, value: growth.bundles / growth.rebuild, unit: 'bundles/s' },
      { name: `${name}, a core`, value: growth.bundles / cpu, unit: 'bundles/s', note },
      {
        name: `store and index on an empty machine, ${growth.bundles} bundles, ${nameOf(growth.skew)}`,
        value: growth.load + growth.rebuild,
        unit: 's',
        note: 'from a folder of staged batches: loading, and a rebuild',
      },
    ];
  });
}

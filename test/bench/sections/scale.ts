import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuMillis, untilCalm } from '../machine/proc.ts';
import { type SearchServer, withSearchServer } from '../machine/search-server.ts';
import type { Findings, Measurement } from '../measurement.ts';
import { scaleWorld } from '../sizes.ts';
import { median, shown } from '../statistics.ts';
import { stageWorld, withOwner } from './ready.ts';
import type { Bench, Section } from './section.ts';

/** One size, in a process of its own. Seconds. */
interface Growth {
  readonly bundles: number;
  readonly skew: number;
  readonly documents: number;
  readonly load: number;
  /** into OpenSearch */
  readonly rebuild: number;
  readonly clientCpu: number;
  readonly serverCpu: number;
  /** without a sink */
  readonly build: number;
  readonly peak: number;
}

const growthLimit = 11;
const memoryLimit = 2 ** 30 / 1e6;

/** Rebuild time and memory by the number of bundles. */
export const scaleSection: Section = {
  name: 'scale',
  question: 'How do time and memory of a rebuild grow with the number of bundles?',
  run: (bench) => withSearchServer(bench, (server) => grow(bench, server)),
};

async function grow(bench: Bench, server: SearchServer): Promise<Findings> {
  const { bundles: counts, skews, repeats } = bench.sizes.scale;
  const all: Growth[] = [];
  for (const skew of skews) {
    for (const [i, bundles] of counts.entries()) {
      const runs = await measureSize(bench, server, { bundles, skew, repeats: i === 0 ? repeats : 1 });
      all.push(middle(runs));
    }
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
    const run = { bundles, skew, ...(await measureOnce(folder, server)) };
    bench.say(
      `${bundles} bundles (skew ${skew}): ${run.documents} documents, load ${shown(run.load)} s, rebuild ${shown(run.rebuild)} s (CPU ${shown(run.clientCpu)} s, server ${shown(run.serverCpu)} s), without sink ${shown(run.build)} s, peak ${shown(run.peak)} MB`,
    );
    runs.push(run);
  }
  await rm(folder, { recursive: true });
  return runs;
}

function measureOnce(folder: string, server: SearchServer): Promise<Omit<Growth, 'bundles' | 'skew'>> {
  return withOwner({ folder, opensearch: server.url }, async (owner) => {
    await owner.ask('clear', null);
    const load = await owner.ask('load', null);
    await untilCalm(server.pid);
    const before = cpuMillis(server.pid);
    const rebuild = await owner.ask('take', null);
    const serverCpu = (cpuMillis(server.pid) - before) / 1000;
    const documents = (await owner.ask('count', null)).value;
    await owner.ask('rest', null);
    const build = await owner.ask('build', null);
    return {
      documents,
      load: load.seconds,
      rebuild: rebuild.seconds,
      clientCpu: rebuild.cpu,
      serverCpu,
      build: build.seconds,
      peak: owner.peakMegabytes,
    };
  });
}

/** The medians of repeated runs; the highest peak. */
function middle(runs: readonly Growth[]): Growth {
  const [first] = runs;
  if (first === undefined) throw new RangeError('Nothing was measured');
  const of = (what: 'load' | 'rebuild' | 'clientCpu' | 'serverCpu' | 'build'): number =>
    median(runs.map((run) => run[what]));
  return {
    ...first,
    load: of('load'),
    rebuild: of('rebuild'),
    clientCpu: of('clientCpu'),
    serverCpu: of('serverCpu'),
    build: of('build'),
    peak: Math.max(...runs.map(({ peak }) => peak)),
  };
}

function findings(all: readonly Growth[], skews: readonly number[]): Findings {
  const ofSkew = (skew: number): Growth[] => all.filter((growth) => growth.skew === skew);
  const points = (skew: number, what: 'rebuild' | 'build' | 'peak') =>
    ofSkew(skew).map((growth) => ({ bundles: growth.bundles, value: growth[what] }));
  return {
    measurements: [
      ...skews.flatMap((skew) => growthOf(ofSkew(skew))),
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
    breakdowns: [
      {
        title: 'scale: seconds (peak: MB)',
        head: ['bundles', 'projects', 'documents', 'load', 'rebuild', 'CPU', 'server CPU', 'without sink', 'peak'],
        rows: all.map((growth) => [
          growth.bundles,
          nameOf(growth.skew),
          growth.documents,
          ...[growth.load, growth.rebuild, growth.clientCpu, growth.serverCpu, growth.build, growth.peak].map(shown),
        ]),
      },
    ],
  };
}

function growthOf(sizes: readonly Growth[]): Measurement[] {
  return sizes.slice(1).flatMap((larger, i) => {
    const smaller = sizes[i] as Growth;
    const times = larger.bundles / smaller.bundles;
    const limit = (growthLimit * times) / 10;
    const name = `${smaller.bundles} → ${larger.bundles} bundles, ${nameOf(larger.skew)}`;
    return [
      {
        name: `rebuild, ${name}`,
        value: larger.rebuild / smaller.rebuild,
        unit: 'ratio' as const,
        target: { bound: 'most' as const, value: limit },
        note: `${shown(larger.documents / smaller.documents)} times the documents`,
      },
      { name: `without sink, ${name}`, value: larger.build / smaller.build, unit: 'ratio' as const },
    ];
  });
}

const nameOf = (skew: number): string => (skew === 1 ? 'one project' : 'many projects');

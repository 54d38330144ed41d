import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Part, type Timed } from '../machine/part.ts';
import type { Findings, Measurement } from '../measurement.ts';
import type { SnapshotsPart } from '../parts/snapshots.ts';
import type { WorldName } from '../snapshots/written.ts';
import { shown } from '../statistics.ts';
import type { Bench, Section } from './section.ts';

interface Compared {
  readonly world: WorldName;
  readonly bundles: number;
  readonly bytes: number;
  /** seconds of CPU */
  readonly ours: number;
  readonly bare: number;
  readonly megabytes: number;
}

/** What it takes to put together all bundles of a snapshot of TDR. */
export const snapshotsSection: Section = {
  name: 'snapshots',
  question: 'How much more than copying its rows does it take to assemble the bundles of a snapshot?',
  async run(bench) {
    const found: Compared[] = [];
    for (const world of ['anvil', 'hca'] as const)
      for (const bundles of bench.sizes.snapshots.bundles) found.push(await compare(bench, world, bundles));
    return findings(found);
  },
};

async function compare({ folder, say }: Bench, world: WorldName, bundles: number): Promise<Compared> {
  const exports = join(folder, 'exports');
  const scratch = join(folder, 'scratch');
  for (const one of [exports, scratch]) mkdirSync(one, { recursive: true });
  await inPart((part) => part.ask('write', { exports, world, bundles }));
  const ours = await inPart((part) => part.ask('assemble', { exports, world, scratch }));
  const bare = await inPart(async (part) => {
    await part.ask('prepare', { exports, world, into: join(scratch, 'copy') });
    return part.ask('copy', null);
  });
  for (const one of [exports, scratch]) rmSync(one, { recursive: true });
  const { bytes } = ours.value;
  say(
    `${bundles} bundles of ${world}, ${shown(bytes / 1e6)} MB: ${shown(ours.cpu)} s of CPU; copied: ${shown(bare.cpu)} s`,
  );
  if (ours.value.bundles !== bundles) throw new Error(`There are ${ours.value.bundles} bundles, not ${bundles}`);
  return { world, bundles, bytes, ours: ours.cpu, bare: bare.cpu, megabytes: ours.megabytes };
}

async function inPart<T>(
  work: (part: Part<SnapshotsPart>) => Promise<Timed<T>>,
): Promise<Timed<T> & { readonly megabytes: number }> {
  const part = await Part.start<SnapshotsPart>('snapshots');
  try {
    return { ...(await work(part)), megabytes: part.peakMegabytes };
  } finally {
    await part.stop();
  }
}

function findings(all: readonly Compared[]): Findings {
  const measurements = (['anvil', 'hca'] as const).flatMap((world): Measurement[] => {
    const own = all.filter((one) => one.world === world);
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    return [
      {
        name: `${world}: assembling ÷ bare COPY`,
        value: last.ours / last.bare,
        unit: 'ratio',
        target: { bound: 'most', value: 3 },
        note: `CPU: ${shown(last.ours)} against ${shown(last.bare)} s; ${last.bundles} bundles, ${shown(last.bytes / 1e6)} MB`,
      },
      {
        name: `${world}: peak memory`,
        value: last.megabytes,
        unit: 'MB',
        target: { bound: 'most', value: (1.5 * 2 ** 30) / 1e6 },
      },
      {
        name: `${world}: a bundle of ${last.bundles} ÷ one of ${first.bundles}`,
        value: last.ours / last.bundles / (first.ours / first.bundles),
        unit: 'ratio',
        target: { bound: 'most', value: 1.1 },
      },
    ];
  });
  return {
    measurements,
    breakdowns: [
      {
        title: 'snapshots: seconds of CPU',
        head: ['model', 'bundles', 'MB', 'assembling', 'bare COPY', 'peak MB'],
        rows: all.map(({ world, bundles, bytes, ours, bare, megabytes }) => [
          world,
          bundles,
          ...[bytes / 1e6, ours, bare, megabytes].map(shown),
        ]),
      },
    ],
  };
}

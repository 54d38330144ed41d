import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { S3Store } from '../../../core/storage/s3/store.ts';
import { cloudMissing, startCloud } from '../../rigs/storage/cloud.ts';
import type { Timed } from '../machine/part.ts';
import { cpuMillis, untilCalm } from '../machine/proc.ts';
import { type SearchServer, withSearchServer } from '../machine/search-server.ts';
import type { Findings, Measurement } from '../measurement.ts';
import type { StagedWorld } from '../parts/stage.ts';
import { extrapolationTable, type Unit } from '../report/extrapolation.ts';
import { extrapolationSites } from '../sizes.ts';
import { shown } from '../statistics.ts';
import { stageWorld, withOwner } from './ready.ts';
import type { Bench, Section } from './section.ts';

type Bucket = NonNullable<Parameters<typeof withOwner>[0]['bucket']>;

/** What a step took: seconds of the clock, of the owner's CPU and of the server's. */
interface Step {
  readonly name: string;
  readonly clock: number;
  readonly cpu: number;
  readonly server: number;
}

interface Built {
  readonly load: Step;
  readonly take: Step;
  /** by processes that have compiled what they need: what is extrapolated from */
  readonly again: Step;
  readonly documents: number;
}

/** Objects that are put at a time. */
const concurrentPuts = 8;

/** A worker that takes a catalog over on a machine that has nothing. */
export const emptySection: Section = {
  name: 'empty',
  question: 'How long until an empty machine has the store and the index again, from staged batches alone?',
  async run(bench) {
    const staged = await stageWorld(bench.folder, { generated: bench.sizes.empty.world });
    bench.say(
      `${staged.bundles} bundles staged in ${staged.batches.length} batches, ${shown(staged.stagedBytes / 1e6)} MB`,
    );
    return withSearchServer(bench, async (server) => {
      const bucketSteps = await fromBucket(bench);
      const built = await fromFolder(bench, server);
      for (const { name, clock, cpu } of [...bucketSteps, built.load, built.take, built.again])
        bench.say(`${name}: ${shown(clock)} s, ${shown(cpu)} s of CPU`);
      return findings(staged, bucketSteps, built);
    });
  },
};

async function fromFolder({ folder }: Bench, server: SearchServer): Promise<Built> {
  return withOwner({ folder, opensearch: server.url }, async (owner) => {
    await owner.ask('clear', null);
    const load = await stepOf('load from a folder', server, () => owner.ask('load', null));
    const take = await stepOf('take the catalog over', server, () => owner.ask('take', null));
    const again = await stepOf('rebuild once more', server, () => owner.ask('rebuild', { capture: null }));
    return { load, take, again, documents: (await owner.ask('count', null)).value };
  });
}

async function stepOf(name: string, { pid }: SearchServer, work: () => Promise<Timed<unknown>>): Promise<Step> {
  await untilCalm(pid);
  const before = cpuMillis(pid);
  const { seconds, cpu } = await work();
  return { name, clock: seconds, cpu, server: (cpuMillis(pid) - before) / 1000 };
}

/** Nothing where S3 can't be emulated. */
async function fromBucket({ folder, say }: Bench): Promise<Step[]> {
  const missing = cloudMissing();
  if (missing !== null) {
    say(`no bucket: ${missing}`);
    return [];
  }
  await using cloud = await startCloud();
  const { endpoint, region } = cloud;
  const bucket: Bucket = { endpoint, region, bucket: await cloud.bucket('staged') };
  await putAll(join(folder, 'staging'), bucket);
  say('put into a bucket');
  return await withOwner({ folder, opensearch: nobody, bucket }, async (owner) => {
    const load = await owner.ask('load', null);
    return [{ name: 'mirror a bucket and load', clock: load.seconds, cpu: load.cpu, server: 0 }];
  });
}

/** Loading needs no search server, and asks none. */
const nobody = 'http://127.0.0.1:9';

async function putAll(folder: string, bucket: Bucket): Promise<void> {
  const store = new S3Store({ ...bucket, mirror: folder }, {});
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const queue = files.values();
    const work = async (): Promise<void> => {
      for (const file of queue) await store.put(relative(folder, file), await readFile(file));
    };
    await Promise.all(Array.from({ length: concurrentPuts }, work));
  } finally {
    store.close();
  }
}

function findings(staged: StagedWorld, bucketSteps: readonly Step[], built: Built): Findings {
  const { bundles, batches, stagedBytes } = staged;
  const thousands = bundles / 1000;
  const each = `of ${bundles} bundles in ${batches.length} batches, ${shown(stagedBytes / 1e6)} MB staged`;
  const { load, take, again } = built;
  const [mirrored] = bucketSteps;
  const measurement = (name: string, seconds: number, note: string): Measurement => ({
    ...{ name, note, unit: 's' },
    value: seconds,
  });
  return {
    measurements: [
      measurement('store and index from a folder, 1,000 bundles', (load.clock + take.clock) / thousands, each),
      ...(mirrored === undefined
        ? []
        : [
            measurement(
              'store and index from a bucket, 1,000 bundles',
              (mirrored.clock + take.clock) / thousands,
              `${each}; the bucket is an emulator's on this machine`,
            ),
          ]),
    ],
    breakdowns: [
      {
        title: `empty machine: ${each}`,
        head: ['step', 's', 'CPU s', 'server CPU s', 's/1,000 bundles', 'CPU s/1,000 bundles'],
        rows: [...bucketSteps, load, take, again].map(({ name, clock, cpu, server }) => [
          name,
          ...[clock, cpu, server, clock / thousands, cpu / thousands].map(shown),
        ]),
      },
      extrapolationTable(
        unitOf(staged, built),
        extrapolationSites,
        `extrapolation to ${extrapolationSites[0]?.bundles.toLocaleString('en-US')} bundles from these, see docs/benchmarks.md`,
      ),
    ],
  };
}

function unitOf({ bundles, stagingCpu }: StagedWorld, { load, again, documents }: Built): Unit {
  return {
    documentsPerBundle: documents / bundles,
    ingest: stagingCpu / bundles,
    load: load.cpu / bundles,
    build: again.cpu / documents,
    index: again.server / documents,
  };
}

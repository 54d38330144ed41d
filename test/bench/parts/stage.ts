import { FolderStore } from '../../../core/storage/folder.ts';
import { cloneOnly, metadataPlugin } from '../../../plugins/registry.ts';
import { Pace } from '../machine/pace.ts';
import { answer } from '../machine/part.ts';
import { fetched, Staging } from '../staging.ts';
import { bundlesOf, expectedBundles, type World } from '../worlds.ts';

/** Makes bundles and stages the first of them in a folder. */
export type StagePart = {
  readonly stage: (argument: { folder: string; world: World; most: number | null }) => Promise<StagedWorld>;
};

export interface StagedWorld {
  readonly bundles: number;
  /** as fetched */
  readonly bytes: number;
  readonly batches: readonly string[];
  /** seconds of CPU for making the bundles, and for everything that ingest does with them */
  readonly makingCpu: number;
  readonly stagingCpu: number;
  /** of all staged files */
  readonly stagedBytes: number;
  /** of the clock, for what ingest does */
  readonly staging: number;
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const methods: StagePart = {
  async stage({ folder, world, most }) {
    const store = new FolderStore(folder);
    await store.prepare();
    const staging = new Staging(await metadataPlugin('hca', cloneOnly), store);
    const pace = new Pace('bundles staged', most ?? expectedBundles(world));
    const meter = new Meter();
    let [bundles, bytes] = [0, 0];
    const started = cpuSeconds();
    let source: string | undefined;
    for (const raw of bundlesOf(world)) {
      if (bundles === most) break;
      const bundle = fetched(raw);
      if (bundle.fqid.source.id !== source && comesAlone(world)) await meter.add(() => staging.flush());
      source = bundle.fqid.source.id;
      bundles++;
      bytes += bundle.bytes.length;
      await meter.add(() => staging.add(bundle));
      pace.note(bundles);
    }
    await meter.add(() => staging.flush());
    const { cpu: stagingCpu, clock } = meter;
    const makingCpu = cpuSeconds() - started - stagingCpu;
    const { batches, bytes: stagedBytes } = staging;
    return { bundles, bytes, batches, makingCpu, stagingCpu, stagedBytes, staging: clock };
  },
};

/** Whether each source has batches of its own. */
const comesAlone = (world: World): boolean => 'worlds' in world && !world.inTurns;

/** Seconds that were spent in what was added. */
class Meter {
  cpu = 0;
  clock = 0;

  async add(work: () => Promise<void>): Promise<void> {
    const [cpu, clock] = [cpuSeconds(), performance.now()];
    await work();
    this.cpu += cpuSeconds() - cpu;
    this.clock += (performance.now() - clock) / 1000;
  }
}

export const run = (): void => answer(methods);

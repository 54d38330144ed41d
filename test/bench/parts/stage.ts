import { metadataPlugin } from '../../../plugins/registry.ts';
import { FolderStore } from '../../../streams/folder.ts';
import { answer } from '../machine/part.ts';
import { fetched, Staging } from '../staging.ts';
import { bundlesOf, type World } from '../worlds.ts';

/** Makes bundles and stages the first of them in a folder. */
export type StagePart = {
  readonly stage: (argument: { folder: string; world: World; most: number | null }) => Promise<StagedWorld>;
};

export interface StagedWorld {
  readonly bundles: number;
  /** as fetched */
  readonly bytes: number;
  readonly batches: number;
  /** seconds of CPU for making the bundles, and for everything that ingest does with them */
  readonly makingCpu: number;
  readonly stagingCpu: number;
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const methods: StagePart = {
  async stage({ folder, world, most }) {
    const store = new FolderStore(folder);
    await store.prepare();
    const staging = new Staging(await metadataPlugin('hca'), store);
    let [bundles, bytes, stagingCpu] = [0, 0, 0];
    const started = cpuSeconds();
    for (const raw of bundlesOf(world)) {
      if (bundles === most) break;
      const bundle = fetched(raw);
      bundles++;
      bytes += bundle.bytes.length;
      const before = cpuSeconds();
      await staging.add(bundle);
      stagingCpu += cpuSeconds() - before;
    }
    await staging.flush();
    const makingCpu = cpuSeconds() - started - stagingCpu;
    return { bundles, bytes, batches: staging.batches, makingCpu, stagingCpu };
  },
};

export const run = (): void => answer(methods);

import { expect } from 'chai';
import { Standings } from '../../core/staged/standings.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { compactionPoints } from '../rigs/faults/deaths.ts';
import { until } from '../rigs/until.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { partsOf } from './world.ts';

/** Until the worker has merged what there is to be merged, and deleted what was. */
async function compacted(pipeline: Pipeline): Promise<void> {
  const standings = new Standings(new FolderStore(pipeline.settings.folders.staging), catalog);
  await until(async () => {
    const { live, retired } = await standings.read();
    return live.length < 8 && retired.length === 0;
  }, 60_000);
}

describe('A transform worker killed while it merges staged batches', () => {
  for (const point of compactionPoints) {
    it(`at ${point} goes on; a store from what is left afterwards is the same`, async function () {
      this.timeout(180_000);
      await using pipeline = await Pipeline.open({ limits: { batchBundles: 1 } });
      const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
      await pipeline.startIngest();
      const worker = await pipeline.spawn('transform', { point, hit: 1 });
      await pipeline.notify(before);
      await worker.died();
      const restarted = await pipeline.startTransform();
      await pipeline.notify(after);
      await pipeline.expectClean();
      await compacted(pipeline);
      await pipeline.expectClean();
      await restarted.stop();
      pipeline.loseStore();
      await pipeline.startTransform();
      await pipeline.expectClean();
      expect((await pipeline.letters()).length).to.equal(0);
    });
  }
});

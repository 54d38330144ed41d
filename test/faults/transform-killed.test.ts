import { expect } from 'chai';
import { Snapshots } from '../../core/exports/snapshots.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { loadingPoints, rebuildPoints, snapshotPoints } from '../rigs/faults/deaths.ts';
import { until } from '../rigs/until.ts';
import { differences, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { partsOf } from './world.ts';

/** Has a worker that had come to rest die at a point as more comes, and another one do the rest. */
async function killAmidBatches(pipeline: Pipeline, point: string): Promise<void> {
  const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
  await pipeline.startIngest();
  await pipeline.notify(before);
  const worker = await pipeline.spawn('transform');
  await pipeline.settled();
  await worker.arm({ point, hit: 1 });
  await pipeline.notify(after);
  await worker.died();
  await pipeline.startTransform();
  await pipeline.expectClean();
}

describe('A transform worker killed while batches come in', () => {
  for (const point of loadingPoints) {
    it(`at ${point} loses no document and writes none that is out of date`, async () => {
      await using pipeline = await Pipeline.open();
      await killAmidBatches(pipeline, point);
    });
  }
});

describe('A transform worker killed while it takes a catalog over', () => {
  for (const point of ['transform.loaded', ...rebuildPoints]) {
    it(`at ${point} starts over`, async () => {
      await using pipeline = await Pipeline.open();
      await pipeline.startIngest();
      await pipeline.notify();
      const worker = await pipeline.spawn('transform', { point, hit: 1 });
      await worker.died();
      await pipeline.startTransform();
      await pipeline.expectClean();
    });
  }
});

describe('A transform worker killed while it builds', () => {
  for (const point of rebuildPoints) {
    it(`at ${point} leaves a whole generation serving, before its restart and after`, async () => {
      await using pipeline = await Pipeline.open();
      await pipeline.startIngest();
      await pipeline.notify();
      const worker = await pipeline.spawn('transform');
      await pipeline.settled();
      await worker.arm({ point, hit: 1 });
      await pipeline.reindex();
      await worker.died();
      expect(differences(await pipeline.documents(), await pipeline.world.expected())).to.deep.equal(none);
      await pipeline.startTransform();
      await pipeline.expectClean();
    });
  }
});

describe('A transform worker killed while it publishes a snapshot', () => {
  /** Rows of published files: each document is computed once, or more often. */
  async function publishedRows({ settings }: Pipeline): Promise<number> {
    const newest = await new Snapshots(new FolderStore(settings.folders.staging), catalog).newest();
    const { base, deltas } = newest?.types.files ?? { base: [], deltas: [] };
    return [...base, ...deltas].reduce((sum, { rows }) => sum + rows, 0);
  }

  for (const point of snapshotPoints) {
    it(`at ${point} publishes everything after its restart`, async () => {
      await using pipeline = await Pipeline.open();
      await killAmidBatches(pipeline, point);
      const files = [...(await pipeline.world.expected()).keys()].filter((key) => key.startsWith('files/'));
      await until(async () => (await publishedRows(pipeline)) >= files.length, 90_000);
    });
  }
});

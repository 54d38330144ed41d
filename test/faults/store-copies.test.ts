import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TransformStatus } from '../../core/control/catalog-status.ts';
import type { Run } from '../../core/runs/run.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { copiesOf } from '../../transform/copies/layout.ts';
import { copyPoints, restorePoints } from '../rigs/faults/deaths.ts';
import { until } from '../rigs/until.ts';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog, type PipelineOptions } from './pipeline-settings.ts';
import { partsOf } from './world.ts';

const folderOf = ({ settings }: Pipeline): string => join(settings.folders.staging, copiesOf(catalog));

async function copiesIn({ settings }: Pipeline): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of new FolderStore(settings.folders.staging).list(copiesOf(catalog)))
    if (key.endsWith('.json')) keys.push(key);
  return keys;
}

/** A copy is made once, when a generation has begun to serve: the next one would be due in half an hour. */
async function copied(options: PipelineOptions = {}) {
  const pipeline = await Pipeline.open({ copies: {}, ...options });
  const [first = [], second = [], third = []] = partsOf(pipeline.world.notifications, 3);
  await pipeline.startIngest();
  await pipeline.notify(first);
  await pipeline.ingested();
  await pipeline.startTransform();
  await pipeline.settled();
  await until(async () => (await copiesIn(pipeline)).length > 0);
  return { pipeline, second, third };
}

/** The machine is lost, with all that was on it. */
async function lose(pipeline: Pipeline): Promise<void> {
  await pipeline.stop('transform');
  pipeline.loseStore();
}

async function builds(pipeline: Pipeline): Promise<unknown> {
  const { catalogs } = (await ask(pipeline.url('transform'), 'GET', '/status')) as TransformStatus;
  const runs = (await ask(pipeline.url('transform'), 'GET', `/runs/${catalog}`)) as readonly Run[];
  return { serving: catalogs[catalog]?.generation, runs: runs.map(({ state }) => state) };
}

describe('A transform worker that starts on an empty machine', function () {
  this.timeout(240_000);

  it('goes on with the generation that serves, from the last copy of the store', async () => {
    const { pipeline, second, third } = await copied();
    await using _ = pipeline;
    await pipeline.notify(second);
    await pipeline.settled();
    await lose(pipeline);
    await pipeline.notify(third);
    await pipeline.startTransform();
    await pipeline.expectClean();
    expect(await builds(pipeline)).to.deep.equal({ serving: 1, runs: ['succeeded'] });
    expect(await ask(pipeline.url('transform'), 'POST', '/verify', { catalog })).to.deep.include({
      differences: [],
      others: [],
    });
  });

  it('does so when many batches came, of which none is merged before it is in a copy', async () => {
    const { pipeline, second, third } = await copied({ limits: { batchBundles: 1 } });
    await using _ = pipeline;
    await pipeline.notify(second);
    await pipeline.settled();
    await lose(pipeline);
    await pipeline.notify(third);
    await pipeline.startTransform();
    await pipeline.expectClean();
    expect(await builds(pipeline)).to.deep.equal({ serving: 1, runs: ['succeeded'] });
  });

  it('builds a fresh generation where another one serves than at the time of the copy', async () => {
    const { pipeline, second } = await copied();
    await using _ = pipeline;
    const old = join(pipeline.folder, 'old-copies');
    cpSync(folderOf(pipeline), old, { recursive: true });
    await pipeline.notify(second);
    await pipeline.settled();
    await pipeline.reindex();
    await pipeline.generation(2);
    await pipeline.settled();
    await lose(pipeline);
    rmSync(folderOf(pipeline), { recursive: true });
    cpSync(old, folderOf(pipeline), { recursive: true });
    await pipeline.notify();
    await pipeline.startTransform();
    await pipeline.expectClean();
    expect(await builds(pipeline)).to.deep.equal({ serving: 3, runs: ['succeeded', 'succeeded', 'succeeded'] });
  });

  it('builds a fresh generation where another worker has written since the copy', async () => {
    const { pipeline, second, third } = await copied();
    await using _ = pipeline;
    await pipeline.stop('transform');
    const old = join(pipeline.folder, 'old-copies');
    cpSync(folderOf(pipeline), old, { recursive: true });
    await pipeline.startTransform();
    await pipeline.notify(second);
    await pipeline.settled();
    await lose(pipeline);
    rmSync(folderOf(pipeline), { recursive: true });
    cpSync(old, folderOf(pipeline), { recursive: true });
    await pipeline.notify(third);
    await pipeline.startTransform();
    await pipeline.expectClean();
    expect(await builds(pipeline)).to.deep.equal({ serving: 2, runs: ['succeeded', 'succeeded'] });
  });

  it('loads everything where the copy is cut short', async () => {
    const { pipeline, second, third } = await copied();
    await using _ = pipeline;
    await pipeline.notify(second);
    await pipeline.settled();
    await lose(pipeline);
    const objects = new FolderStore(pipeline.settings.folders.staging);
    for await (const key of objects.list(copiesOf(catalog)))
      if (key.endsWith('.part'))
        await objects.put(key, ((await objects.get(key)) ?? new Uint8Array()).subarray(0, 9999));
    await pipeline.notify(third);
    await pipeline.startTransform();
    await pipeline.expectClean();
    expect(await builds(pipeline)).to.deep.equal({ serving: 2, runs: ['succeeded', 'succeeded'] });
  });
});

describe('A transform worker killed', function () {
  this.timeout(240_000);

  for (const point of copyPoints) {
    it(`at ${point} leaves copies of which none misleads the next one`, async () => {
      await using pipeline = await Pipeline.open({ copies: {} });
      const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
      await pipeline.startIngest();
      await pipeline.notify(before);
      const worker = await pipeline.spawn('transform', { point, hit: 1 });
      await worker.died();
      pipeline.loseStore();
      await pipeline.notify(after);
      await pipeline.startTransform();
      await pipeline.expectClean();
    });
  }

  for (const point of restorePoints) {
    it(`at ${point} begins to restore again`, async () => {
      const { pipeline, second, third } = await copied();
      await using _ = pipeline;
      await pipeline.notify(second);
      await pipeline.settled();
      await lose(pipeline);
      const worker = await pipeline.spawn('transform', { point, hit: 1 });
      await worker.died();
      await pipeline.notify(third);
      await pipeline.startTransform();
      await pipeline.expectClean();
      expect(await builds(pipeline)).to.deep.equal({ serving: 1, runs: ['succeeded'] });
    });
  }

  it('while it copies goes on with its own store', async () => {
    await using pipeline = await Pipeline.open({ copies: {} });
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.startIngest();
    await pipeline.notify(before);
    await pipeline.ingested();
    const worker = await pipeline.spawn('transform', { point: 'transform.copy-parts-written', hit: 1 });
    await worker.died();
    await pipeline.notify(after);
    await pipeline.startTransform();
    await pipeline.expectClean();
    expect(await builds(pipeline)).to.deep.equal({ serving: 1, runs: ['succeeded'] });
  });
});

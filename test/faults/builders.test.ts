import { expect } from 'chai';
import { freePort } from '../../cli/engines/ports.ts';
import type { HandedOut } from '../../core/control/building.ts';
import type { TransformStatus } from '../../core/control/catalog-status.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { Halts } from '../../core/runs/halts.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { builderPoints, sharingPoints } from '../rigs/faults/deaths.ts';
import { onlyLong } from '../rigs/long.ts';
import { said, until } from '../rigs/until.ts';
import { ask, differences, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import type { WorkerProcess } from './worker-process.ts';
import { partsOf } from './world.ts';

/** Builds have many parts. */
const limits = { bucketLinks: 32 };

/** Half of a world is indexed, by a worker of its own at the port where builders find it. */
async function halfway() {
  const pipeline = await Pipeline.open({ limits, transformPort: await freePort() });
  const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
  await pipeline.startIngest();
  await pipeline.notify(before);
  const owner = await pipeline.spawn('transform');
  await pipeline.settled();
  return { pipeline, owner, after };
}

async function expectWhole(pipeline: Pipeline, generation: number): Promise<void> {
  expect(differences(await pipeline.documentsOf(generation), await pipeline.world.expected())).to.deep.equal(none);
}

/** Who works on the build that goes on; null where none does. */
async function handedOut(pipeline: Pipeline): Promise<HandedOut | null> {
  const { catalogs } = (await ask(pipeline.url('transform'), 'GET', '/status')) as TransformStatus;
  return catalogs[catalog]?.rebuild?.builders ?? null;
}

/** Buckets that a builder has built. */
async function builtBy({ url }: WorkerProcess): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/bucket_duration_seconds_count\{outcome="built"\} (\d+)/.exec(metrics)?.[1] ?? 0);
}

describe('A generation that builders build', function () {
  this.timeout(240_000);

  it('is as a clean run, though builders die at every step, and half of the world comes meanwhile', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    const dying: WorkerProcess[] = [];
    for (const point of builderPoints) dying.push(await pipeline.spawn('builder', { point, hit: 1 }));
    await pipeline.reindexWith(2);
    await Promise.all(dying.map((builder) => builder.died()));
    await pipeline.notify(after);
    const builder = await pipeline.spawn('builder');
    await pipeline.generation(2);
    expect(await builtBy(builder)).to.be.greaterThan(1);
    await pipeline.expectClean();
    await expectWhole(pipeline, 1);
  });
});

describe('A generation that builders build (long)', function () {
  this.timeout(240_000);
  onlyLong();

  for (const point of sharingPoints)
    it(`goes on with what is left where its owner dies at ${point}`, async () => {
      const { pipeline, owner, after } = await halfway();
      await using _ = pipeline;
      await owner.arm({ point, hit: point === 'transform.shared' ? 1 : 3 });
      const builder = await pipeline.spawn('builder');
      await pipeline.reindexWith(1);
      await owner.died();
      await pipeline.notify(after);
      await pipeline.startTransform();
      await pipeline.generation(2);
      expect(await builtBy(builder)).to.be.greaterThan(0);
      await pipeline.expectClean();
      await expectWhole(pipeline, 1);
    });

  it('loses nothing to a builder that hangs, and writes what it had after the swap and more notifications', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    const slow = pipeline.search.add({ path: '/_bulk', fault: { kind: 'delay', millis: 300 } });
    const zombie = await pipeline.spawn('builder');
    await pipeline.reindexWith(2);
    await until(() => slow() > 0);
    zombie.send('SIGSTOP');
    pipeline.search.clear();
    await pipeline.spawn('builder');
    await pipeline.generation(2);
    await pipeline.notify(after);
    await pipeline.settled();
    zombie.send('SIGCONT');
    await said(async () => ((await builtHeld(zombie)) === 0 ? 'it has nothing any more' : null));
    await pipeline.expectClean();
  });

  it('is not worked on while an operator has paused writing', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    const button = new Halts(await openStaging(pipeline.settings), systemClock);
    await pipeline.spawn('builder');
    const slow = pipeline.search.add({ path: '/_bulk', fault: { kind: 'delay', millis: 500 } });
    await pipeline.reindexWith(1);
    await until(() => slow() > 2);
    await button.halt('emit');
    await until(async () => (await handedOut(pipeline))?.working.length === 0);
    pipeline.search.clear();
    await pipeline.notify(after);
    await button.resume('emit');
    await pipeline.generation(2);
    await pipeline.expectClean();
  });

  it('waits for OpenSearch, and for nobody else', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    await pipeline.spawn('builder');
    pipeline.search.add({ path: '/_bulk', fault: { kind: 'answer', status: 503 }, times: 20 });
    await pipeline.reindexWith(1);
    await pipeline.notify(after);
    await pipeline.generation(2);
    await pipeline.expectClean();
  });

  it('is built by its owner where there is no builder, or none any more', async () => {
    const { pipeline } = await halfway();
    await using _ = pipeline;
    await pipeline.reindexWith(3);
    await until(async () => (await handedOut(pipeline))?.wanted === 3);
    await pipeline.generation(2);
    const builder = await pipeline.spawn('builder', { point: 'transform.bucket-reported', hit: 2 });
    await pipeline.reindexWith(1);
    await builder.died();
    await pipeline.generation(3);
    await expectVerified(pipeline);
  });
});

async function builtHeld({ url }: WorkerProcess): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/lazuli_builder_buckets_held (\d+)/.exec(metrics)?.[1] ?? -1);
}

async function expectVerified(pipeline: Pipeline): Promise<void> {
  const verified = await ask(pipeline.url('transform'), 'POST', '/verify', { catalog });
  expect(verified).to.deep.include({ differences: [], others: [] });
}

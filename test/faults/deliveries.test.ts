import fc from 'fast-check';
import { numRuns, seed } from '../rigs/property.ts';
import { Pipeline } from './pipeline.ts';
import { generatedWorld } from './world.ts';

/** Every notification, some of them twice, in any order. */
const disorder = <T>(notifications: readonly T[]) =>
  fc.subarray([...notifications]).chain((again) => {
    const all = [...notifications, ...again];
    return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
  });

describe('Notifications', () => {
  it('may come twice, in any order and grouping, through any number of shards', async function () {
    this.timeout(numRuns(20) * 60_000);
    const world = await generatedWorld();
    const deliveries = fc.record({
      notifications: disorder(world.notifications),
      shards: fc.integer({ min: 1, max: 3 }),
      batchBundles: fc.integer({ min: 1, max: 12 }),
      restarts: fc.boolean(),
    });
    const property = fc.asyncProperty(deliveries, async ({ notifications, shards, batchBundles, restarts }) => {
      await using pipeline = await Pipeline.open({ shards, limits: { batchBundles } });
      await pipeline.start();
      const half = Math.ceil(notifications.length / 2);
      await pipeline.notify(notifications.slice(0, half));
      if (restarts) await restart(pipeline);
      await pipeline.notify(notifications.slice(half));
      await pipeline.expectClean();
    });
    await fc.assert(property, { seed: seed(), numRuns: numRuns(20), endOnFailure: true });
  });
});

/** In the middle of whatever they do. */
async function restart(pipeline: Pipeline): Promise<void> {
  await pipeline.stop('ingest');
  await pipeline.stop('transform');
  await pipeline.start();
}

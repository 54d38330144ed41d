import { expect } from 'chai';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { Pipeline } from './pipeline.ts';
import { generatedWorld, partsOf, smallWorld } from './world.ts';

const mebibyte = 2 ** 20;
/** What the statements of the HCA's plan need at least, however few documents there are. */
const least = 256 * mebibyte;
/** Less than may be configured: it is never enough. */
const tooLittle = 12 * mebibyte;

describe('DuckDB at its memory limit', () => {
  it('loads, rebuilds and updates', async () => {
    await using pipeline = await Pipeline.open({
      world: await generatedWorld(smallWorld, hca),
      limits: { storeMemoryBytes: least },
    });
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.startIngest();
    await pipeline.notify(before);
    await pipeline.startTransform();
    await pipeline.settled();
    await pipeline.notify(after);
    await pipeline.settled();
    await pipeline.reindex();
    await pipeline.generation(2);
    await pipeline.expectClean();
  });

  it('pauses and says so where that is too little, and loses nothing', async () => {
    await using pipeline = await Pipeline.open({ world: await generatedWorld(smallWorld, hca) });
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.start();
    await pipeline.notify(before);
    await pipeline.settled();
    await pipeline.stop('transform');
    const limits = { ...pipeline.settings.limits, storeMemoryBytes: tooLittle };
    await pipeline.startTransform({ ...pipeline.settings, limits });
    await pipeline.notify(after);
    expect(await pipeline.paused()).to.contain('ran out of memory');
    await pipeline.expectNoLetters();
    await pipeline.stop('transform');
    await pipeline.startTransform();
    await pipeline.expectClean();
  });
});

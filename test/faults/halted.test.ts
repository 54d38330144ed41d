import { expect } from 'chai';
import { openStaging } from '../../core/deployment/stores.ts';
import { Halts } from '../../core/runs/halts.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { partsOf } from './world.ts';

/** What the command line does. */
const buttonOf = async (pipeline: Pipeline) => new Halts(await openStaging(pipeline.settings), systemClock);

describe('A pipeline that an operator has paused', function () {
  this.timeout(180_000);

  it('takes nothing in, over a restart, and goes on where it was', async () => {
    await using pipeline = await Pipeline.open();
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    const button = await buttonOf(pipeline);
    await pipeline.start();
    await pipeline.notify(before);
    await pipeline.settled();
    const documents = await pipeline.documents();
    await pipeline.stop('ingest');
    await button.halt('ingest');
    await pipeline.startIngest();
    await pipeline.notify(after);
    expect(await pipeline.ingestPaused()).to.equal('halted: An operator has paused it. Run `lazuli resume ingest`.');
    await pipeline.stop('ingest');
    await pipeline.startIngest();
    expect(await pipeline.ingestPaused()).to.match(/^halted/);
    expect(await pipeline.documents()).to.deep.equal(documents);
    await pipeline.expectNoLetters();
    await button.resume('ingest');
    await pipeline.expectClean();
  });

  it('writes nothing, builds nothing, over a restart, and goes on where it was', async () => {
    await using pipeline = await Pipeline.open();
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    const button = await buttonOf(pipeline);
    await pipeline.start();
    await pipeline.notify(before);
    await pipeline.settled();
    const documents = await pipeline.documents();
    await button.halt('emit');
    expect(await pipeline.paused()).to.match(/lazuli resume emit/);
    await pipeline.notify(after);
    await pipeline.ingested();
    await pipeline.reindex();
    await pipeline.stop('transform');
    await pipeline.startTransform();
    expect(await pipeline.paused()).to.match(/lazuli resume emit/);
    const verify = ask(pipeline.url('transform'), 'POST', '/verify', { catalog: 'hca' });
    expect(await verify.catch(({ message }: Error) => message)).to.match(/409.*paused/);
    expect(await pipeline.documents()).to.deep.equal(documents);
    await button.resume('emit');
    await pipeline.expectClean();
  });
});

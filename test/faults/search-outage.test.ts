import { expect } from 'chai';
import { until } from '../rigs/until.ts';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { partsOf } from './world.ts';

const isLong = process.env.LAZULI_TEST_LONG === '1';
const outageMillis = isLong ? 20_000 : 2_000;

/** Half of a world is indexed; the other half comes while something is broken. */
async function halfway(): Promise<{ pipeline: Pipeline; after: Pipeline['world']['notifications'] }> {
  const pipeline = await Pipeline.open();
  const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
  await pipeline.start();
  await pipeline.notify(before);
  await pipeline.settled();
  return { pipeline, after };
}

async function block(pipeline: Pipeline, name: string, on: boolean): Promise<void> {
  const path = `/lazuli_${pipeline.settings.deployment}_*/_settings`;
  await ask(pipeline.opensearch, 'PUT', path, { [`index.blocks.${name}`]: on ? true : null });
}

describe('Nothing is lost, and nothing dead-lettered, while', () => {
  it(`OpenSearch is down for ${outageMillis / 1000} s`, async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    await pipeline.search.refuse();
    const since = Date.now();
    await pipeline.notify(after);
    expect(await pipeline.paused()).to.contain("doesn't answer");
    await until(() => Date.now() - since >= outageMillis, outageMillis + 5_000);
    await pipeline.search.accept();
    await pipeline.expectClean();
  });

  it('OpenSearch is not there yet when the worker starts', async () => {
    await using pipeline = await Pipeline.open();
    await pipeline.search.refuse();
    await pipeline.start();
    await pipeline.notify();
    expect(await pipeline.paused()).to.contain("doesn't answer");
    await pipeline.search.accept();
    await pipeline.expectClean();
  });

  for (const name of ['read_only_allow_delete', 'read_only']) {
    it(`all indices are blocked by ${name}`, async () => {
      const { pipeline, after } = await halfway();
      await using _ = pipeline;
      await block(pipeline, name, true);
      await pipeline.notify(after);
      expect(await pipeline.paused()).to.match(/cluster_block_exception.*read-only/);
      await pipeline.expectNoLetters();
      await block(pipeline, name, false);
      await pipeline.expectClean();
    });
  }

  it('an index is missing, until it is made again by a reindex', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    await pipeline.deleteIndices(1, 'samples');
    await pipeline.notify(after);
    expect(await pipeline.paused()).to.contain('404');
    await pipeline.expectNoLetters();
    await pipeline.reindex();
    await pipeline.expectClean();
  });

  it('an index is missing, until it is made again by a restart', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    await pipeline.stop('transform');
    await pipeline.deleteIndices(1, 'bundles');
    await pipeline.notify(after);
    await pipeline.startTransform();
    await pipeline.expectClean();
  });

  it('an index is deleted while it is built: the build starts over', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    const writing = pipeline.search.add({ path: '/_bulk', fault: { kind: 'answer', status: 503 } });
    await pipeline.reindex();
    await until(() => writing() > 0);
    await pipeline.deleteIndices(2, 'files');
    pipeline.search.clear();
    await pipeline.notify(after);
    await pipeline.expectClean();
  });
});

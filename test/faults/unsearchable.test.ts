import { expect } from 'chai';
import { pipelineOf, type StageState, unsearchableSeconds } from '../../core/health/pipeline.ts';
import { until } from '../rigs/until.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';

/** For what takes a moment on a machine that has nothing else to do. */
const patient = 90_000;

/** What the service tells, which none of the workers is needed for. */
function watching({ settings }: Pipeline) {
  const watched = pipelineOf(settings);
  const seconds = async () => unsearchableSeconds(await watched.look());
  const transform = async (): Promise<StageState | undefined> =>
    (await watched.look()).stages.find(({ stage }) => stage === 'transform');
  return {
    seconds,
    transform,
    paused: () => until(async () => (await transform())?.paused?.code === 'index_unavailable', patient),
    rises: (to: number) => until(async () => (await seconds()) > to, patient),
    falls: () => until(async () => (await seconds()) === 0, patient),
  };
}

/** A pipeline whose documents nobody may write from now on. */
async function refused(): Promise<Pipeline> {
  const pipeline = await Pipeline.open();
  await pipeline.startTransform();
  await pipeline.generation(1);
  pipeline.search.add({ path: '/_bulk', fault: { kind: 'answer', status: 401 } });
  return pipeline;
}

describe('The oldest notification that is not searchable', () => {
  it('grows older while OpenSearch answers 401, also over a restart and once its worker has stopped', async () => {
    await using pipeline = await refused();
    const watched = watching(pipeline);
    await pipeline.startIngest();
    await watched.falls();
    const bundles = pipeline.world.notifications.slice(0, 5);
    const notified = Date.now();
    await pipeline.notify(bundles);
    await watched.paused();
    expect(await watched.transform()).to.deep.include({ catalog });
    await pipeline.stop('transform');
    await pipeline.startTransform();
    await watched.paused();
    // The same bundles once more: what they touch waits since the first time.
    await pipeline.notify(bundles);
    await pipeline.ingested();
    await watched.rises(8);
    const age = (Date.now() - notified) / 1000;
    expect(await watched.seconds()).to.be.within(age - 4, age + 4);
    await pipeline.stop('transform');
    await watched.rises((await watched.seconds()) + 3);
    pipeline.search.clear();
    await pipeline.startTransform();
    await watched.falls();
    expect(await watched.transform()).to.deep.include({ paused: null, oldest: null });
  });

  it('counts from when the stream took it, however late it was staged', async () => {
    await using pipeline = await refused();
    const watched = watching(pipeline);
    const notified = Date.now();
    await pipeline.notify(pipeline.world.notifications.slice(0, 3));
    await until(() => Date.now() - notified > 6_000);
    await pipeline.startIngest();
    await watched.paused();
    expect((await watched.transform())?.oldest).to.be.within(notified - 3_000, notified + 3_000);
  });
});

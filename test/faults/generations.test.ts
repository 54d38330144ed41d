import { expect } from 'chai';
import { parseIndexName, readAlias } from '../../core/documents/index-layout.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { until } from '../rigs/until.ts';
import { ask, differences, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { partsOf } from './world.ts';

/** Builds have many parts. */
const limits = { bucketLinks: 32 };
const partly = { point: 'transform.bucket-built', hit: 4 } as const;

/** Half of a world is indexed by a worker of its own. */
async function halfway() {
  const pipeline = await Pipeline.open({ limits });
  const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
  await pipeline.startIngest();
  await pipeline.notify(before);
  const worker = await pipeline.spawn('transform');
  await pipeline.settled();
  return { pipeline, worker, after };
}

async function expectWhole(pipeline: Pipeline, generation: number): Promise<void> {
  expect(differences(await pipeline.documentsOf(generation), await pipeline.world.expected())).to.deep.equal(none);
}

/** Of all indices, by generation. */
async function refreshIntervals({
  opensearch,
  settings,
}: Pipeline): Promise<Readonly<Record<number, readonly unknown[]>>> {
  const answer = await ask(opensearch, 'GET', `/lazuli_${settings.deployment}_*/_settings?flat_settings=true`);
  const found: Record<number, Set<unknown>> = {};
  for (const [index, { settings: flat }] of Object.entries(answer as Record<string, { settings: object }>)) {
    const generation = parseIndexName(index)?.generation ?? 0;
    found[generation] ??= new Set();
    found[generation].add(Object.entries(flat).find(([name]) => name === 'index.refresh_interval')?.[1]);
  }
  return Object.fromEntries(Object.entries(found).map(([generation, all]) => [generation, [...all]]));
}

/** How many documents searches find now, without a refresh. */
async function shown({ opensearch, settings }: Pipeline): Promise<number> {
  const aliases = Object.keys(hca.entityTypes).map((entityType) => readAlias(settings.deployment, 'hca', entityType));
  return ((await ask(opensearch, 'GET', `/${aliases.join(',')}/_count`)) as { count: number }).count;
}

describe('While a generation is built', function () {
  this.timeout(180_000);

  it('the one that serves stays current, and the new one has what came meanwhile', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    const writing = pipeline.search.add({ path: '/_bulk', fault: { kind: 'delay', millis: 50 } });
    await pipeline.reindex();
    await until(() => writing() > 2);
    await pipeline.notify(after);
    await pipeline.generation(2);
    pipeline.search.clear();
    await pipeline.expectClean();
    await expectWhole(pipeline, 1);
  });

  it('documents are added, upgraded and deleted that it has built already, and others that it has not', async () => {
    const { pipeline, worker, after } = await halfway();
    await using _ = pipeline;
    await worker.arm(partly);
    await pipeline.reindex();
    await worker.died();
    await pipeline.notify(after);
    await pipeline.ingested();
    await pipeline.startTransform();
    await pipeline.expectClean();
    await pipeline.generation(2);
    await expectWhole(pipeline, 1);
  });

  it('a worker that is killed goes on with the parts that are left', async () => {
    const { pipeline, worker } = await halfway();
    await using _ = pipeline;
    await worker.arm(partly);
    await pipeline.reindex();
    await worker.died();
    const requests = pipeline.search.add({ path: '/_bulk', fault: { kind: 'delay', millis: 0 } });
    await pipeline.startTransform();
    await pipeline.generation(2);
    const rest = requests();
    await pipeline.reindex();
    await pipeline.generation(3);
    expect(requests() - rest).to.be.greaterThan(rest);
    await pipeline.settled();
  });

  it('the store may be lost: another one is built', async () => {
    const { pipeline, worker, after } = await halfway();
    await using _ = pipeline;
    await worker.arm(partly);
    await pipeline.reindex();
    await worker.died();
    pipeline.loseStore();
    await pipeline.notify(after);
    await pipeline.startTransform();
    await pipeline.expectClean();
  });
});

describe('A former generation', function () {
  this.timeout(180_000);

  it('stays current, serves again at once, and so does the one after it', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    await pipeline.reindex();
    await pipeline.generation(2);
    await pipeline.notify(after);
    await pipeline.rollBack();
    await pipeline.generation(1);
    await pipeline.expectClean();
    await pipeline.rollBack(2);
    await pipeline.expectClean();
    await expectWhole(pipeline, 1);
  });

  it('is refreshed seldom, and shows all that was written as soon as it serves again', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    await pipeline.reindex();
    await pipeline.generation(2);
    expect(await refreshIntervals(pipeline)).to.deep.equal({ 1: ['10s'], 2: ['1s'] });
    await pipeline.notify(after);
    await pipeline.settled();
    await pipeline.rollBack();
    expect(await shown(pipeline)).to.equal((await pipeline.world.expected()).size);
    expect(await refreshIntervals(pipeline)).to.deep.equal({ 1: ['1s'], 2: ['10s'] });
  });

  it('that has lost an index holds nothing up', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    await pipeline.reindex();
    await pipeline.generation(2);
    await pipeline.deleteIndices(1, 'files');
    await pipeline.notify(after);
    await pipeline.expectClean();
    const refused = await pipeline.rollBack().catch((error: Error) => error.message);
    expect(refused).to.match(/409.*no generation to go back to/);
  });

  it('can be dropped, and the one that serves can not', async () => {
    const { pipeline, after } = await halfway();
    await using _ = pipeline;
    await pipeline.reindex();
    await pipeline.generation(2);
    const drop = (generation: number) =>
      ask(pipeline.url('transform'), 'POST', '/drop', { catalog: 'hca', generation }).catch((e: Error) => e.message);
    expect(await drop(2)).to.match(/409.*serves/);
    expect(await drop(7)).to.match(/404/);
    expect(await drop(1)).to.deep.equal({ catalog: 'hca', generation: 1 });
    await pipeline.notify(after);
    await pipeline.expectClean();
  });
});

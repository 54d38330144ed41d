import { expect } from 'chai';
import type { Forecast } from '../../core/control/forecast.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { Halts } from '../../core/runs/halts.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { until } from '../rigs/until.ts';
import { ask, type Documents } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { partsOf } from './world.ts';

const forecast = async (pipeline: Pipeline) =>
  (await ask(pipeline.url('transform'), 'POST', '/runs/forecast', { catalog })) as Forecast;

/** What is told of some documents that take the place of others, by plain counting. */
function counted(before: Documents, after: Documents): Forecast['types'] {
  return Object.keys(hca.entityTypes).map((entityType) => {
    const of = (all: Documents) => new Map([...all].filter(([key]) => key.startsWith(`${entityType}/`)));
    const [old, fresh] = [of(before), of(after)];
    const ids = [...fresh.values()].flatMap(({ sources }) => (sources as { id: string }[]).map(({ id }) => id));
    return {
      entityType,
      before: old.size,
      after: fresh.size,
      vanished: [...old.keys()].filter((key) => !fresh.has(key)).length,
      lost: [...old.keys()].filter((key) => !fresh.has(key)).length,
      appeared: [...fresh.keys()].filter((key) => !old.has(key)).length,
      sources: Object.fromEntries([...Map.groupBy(ids, (id) => id)].map(([id, { length }]) => [id, length])),
    };
  });
}

const batches = async (pipeline: Pipeline) => {
  const { catalogs } = (await ask(pipeline.url('transform'), 'GET', '/status')) as {
    catalogs: Record<string, { batches?: { staged: number; stored: number } }>;
  };
  return catalogs[catalog]?.batches;
};

describe('What a reindex would do', function () {
  this.timeout(180_000);

  it('is nothing where nothing has changed, and is told without doing it', async () => {
    await using pipeline = await Pipeline.open();
    await pipeline.start();
    await pipeline.notify();
    await pipeline.settled();
    const documents = await pipeline.documents();
    const { sampled, ...rest } = await forecast(pipeline);
    expect(rest).to.deep.equal({ generation: 1, documents: documents.size, types: counted(documents, documents) });
    expect(sampled?.documents).to.be.greaterThan(30);
    expect(sampled?.changed).to.equal(0);
    await pipeline.generation(1);
    expect(await ask(pipeline.url('transform'), 'GET', `/runs/${catalog}`)).to.have.length(1);
  });

  it('is what came since the generation that serves was written', async () => {
    await using pipeline = await Pipeline.open();
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.start();
    await pipeline.notify(before);
    await pipeline.settled();
    const documents = await pipeline.documents();
    await new Halts(await openStaging(pipeline.settings), systemClock).halt('emit');
    await pipeline.paused();
    await pipeline.notify(after);
    await pipeline.ingested();
    await until(async () => {
      const { staged, stored } = (await batches(pipeline)) ?? { staged: 1, stored: 0 };
      return staged === stored;
    });
    const { types, documents: all } = await forecast(pipeline);
    const expected = await pipeline.world.expected();
    expect(types).to.deep.equal(counted(documents, expected));
    expect(types.reduce((sum, { vanished, appeared }) => sum + vanished * appeared, 0)).to.be.greaterThan(0);
    expect(all).to.equal(expected.size);
    expect(await pipeline.documents()).to.deep.equal(documents);
  });
});

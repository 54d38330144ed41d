import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PipelineObserver } from '../../cli/pipeline/status.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { TransformStatus } from '../../core/control/catalog-status.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { type QueryWorker, startQuery } from '../../query/worker.ts';
import { until } from '../rigs/until.ts';
import { ask, type Documents, differences, indexedDocuments, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { notifyOther, other, type Paused, progressIn, withOther } from './two-catalogs.ts';
import { partsOf, type World } from './world.ts';

/** For what takes a moment on a machine that has nothing else to do. */
const patient = 90_000;
/** Of the statement that makes documents: there is no such table. */
const broken = { catalog: other, from: 'FROM wanted w', to: 'FROM unwanted w' };

async function notifyBoth(pipeline: Pipeline, notifications: World['notifications']): Promise<void> {
  await pipeline.notify(notifications);
  await notifyOther(pipeline, notifications);
}

const documentsOf = ({ opensearch, settings }: Pipeline, name: string): Promise<Documents> =>
  indexedDocuments(opensearch, settings.deployment, name);

async function isWhole(pipeline: Pipeline, name: string): Promise<boolean> {
  const found = differences(await documentsOf(pipeline, name), await pipeline.world.expected());
  return JSON.stringify(found) === JSON.stringify(none);
}

async function pausedIn({ url }: QueryWorker): Promise<readonly Paused[]> {
  const { paused } = await progressIn(url);
  return paused.map(({ stage, catalog: name, code }) => ({ stage, catalog: name, code }));
}

/** Whatever the worker is at: between two attempts it says the same as during one. */
async function statesIn(pipeline: Pipeline): Promise<TransformStatus['catalogs']> {
  return ((await ask(pipeline.url('transform'), 'GET', '/status')) as TransformStatus).catalogs;
}

async function looked(pipeline: Pipeline, { catalogs }: Settings) {
  const all = await new PipelineObserver({ ...pipeline.reachable, catalogs }).look();
  return new Map(all.map((one) => [one.catalog, one]));
}

describe('A catalog whose statements fail while its worker goes on', function () {
  this.timeout(300_000);

  it('stops alone, and says so everywhere; once they are mended it goes on by itself', async () => {
    await using pipeline = await Pipeline.open();
    const settings = withOther(pipeline.settings, pipeline.world.plugin.name);
    writeFileSync(join(pipeline.folder, 'lazuli.json'), JSON.stringify(settings));
    const [first = [], second = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.startIngest(settings);
    const worker = await pipeline.spawn('transform');
    await notifyBoth(pipeline, first);
    await pipeline.settled(patient);
    const before = await documentsOf(pipeline, other);
    expect(before.size).to.be.above(0);

    await worker.breakStatements(broken);
    await notifyBoth(pipeline, second);
    await until(async () => (await statesIn(pipeline))[other]?.pause?.code === 'unexpected', patient);
    await until(() => isWhole(pipeline, catalog), patient);
    const { [catalog]: usual, [other]: failing } = await statesIn(pipeline);
    expect(usual?.pause).to.equal(null);
    expect(failing).to.include({ state: 'paused' });
    expect(failing?.pause?.reason).to.match(/^it failed, and is taken over again: .*unwanted does not exist/s);
    const status = await looked(pipeline, settings);
    expect(status.get(other)?.paused.join()).to.match(/^transform: it failed, .*unwanted does not exist/s);
    expect([status.get(other)?.settled, status.get(catalog)?.paused]).to.deep.equal([false, []]);
    const http = { ...settings.http, query: 0, metrics: 0 };
    const service = await startQuery({ ...settings, http }, { logger: noLogger });
    // The service tells what was published, seconds ago.
    let paused: readonly Paused[] = [];
    await until(async () => {
      paused = await pausedIn(service);
      return paused.length > 0;
    });
    expect(paused).to.deep.equal([{ stage: 'transform', catalog: other, code: 'unexpected' }]);
    const tells = /^lazuli_stage_paused\{stage="transform",catalog="other",reason="unexpected"\} 1$/m;
    let metrics = '';
    await until(async () => {
      metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
      return tells.test(metrics);
    });
    expect(metrics).to.match(/^lazuli_stage_paused\{stage="transform",catalog="hca",reason=""\} 0$/m);
    // What is deleted needs no such statement: it may be gone already.
    const { missing, ...changed } = differences(await documentsOf(pipeline, other), before);
    expect(changed).to.deep.equal({ unexpected: [], different: [] });
    const expected = await pipeline.world.expected();
    expect(missing.filter((key) => expected.has(key))).to.deep.equal([]);

    await worker.breakStatements(null);
    await pipeline.settled(patient);
    expect(differences(await documentsOf(pipeline, other), expected)).to.deep.equal(none);
    await pipeline.expectNoLetters();
    await until(async () => (await pausedIn(service)).length === 0);
    await service.stop();
  });
});

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { redrive } from '../../cli/pipeline/redrive.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { indexName } from '../../core/documents/index-layout.ts';
import type { Run } from '../../core/runs/run.ts';
import { manifestPrefix } from '../../core/staged/layout.ts';
import { until } from '../rigs/until.ts';
import { ask, type Documents } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';

const runs = async (pipeline: Pipeline) =>
  (await ask(pipeline.url('transform'), 'GET', `/runs/${catalog}`)) as readonly Run[];

const resume = (pipeline: Pipeline, id: string, acceptVanished: boolean) =>
  ask(pipeline.url('transform'), 'POST', '/runs/resume', { catalog, id, acceptVanished });

interface Bereft extends AsyncDisposable {
  readonly pipeline: Pipeline;
  /** stages again what was lost */
  readonly restore: () => Promise<void>;
}

/** A world is indexed; then store and some of the staged batches are lost. */
async function bereftOf(lost: (manifests: readonly string[]) => readonly string[]): Promise<Bereft> {
  const pipeline = await Pipeline.open({ limits: { batchBundles: 2 } });
  await pipeline.start();
  await pipeline.notify();
  await pipeline.settled();
  await pipeline.stop('ingest');
  await pipeline.stop('transform');
  pipeline.loseStore();
  const staging = await openStaging(pipeline.settings);
  const manifests: string[] = [];
  for await (const key of staging.list(manifestPrefix(catalog))) manifests.push(key);
  const taken = new Map<string, Uint8Array>();
  for (const key of lost(manifests)) {
    taken.set(key, (await staging.get(key)) ?? new Uint8Array());
    await staging.delete(key);
  }
  const restore = async (): Promise<void> => {
    for (const [key, manifest] of taken) await staging.put(key, manifest);
  };
  return { pipeline, restore, [Symbol.asyncDispose]: () => pipeline[Symbol.asyncDispose]() };
}

/** What was lost is lost for good, and a worker has begun again. */
async function bereft(lost: (manifests: readonly string[]) => readonly string[]): Promise<Pipeline> {
  const { pipeline } = await bereftOf(lost);
  await pipeline.startTransform();
  return pipeline;
}

/** What a run is to tell of documents that were served before and are not among those that come after. */
function vanishedOf(before: Documents, after: Documents): NonNullable<Run['vanished']> {
  const types = Map.groupBy(before.keys(), (key) => key.split('/')[0] ?? '');
  const counts = [...types].map(([entityType, keys]) => ({
    ...{ entityType, before: keys.length },
    vanished: keys.filter((key) => !after.has(key)).length,
    lost: keys.filter((key) => !after.has(key)).length,
  }));
  return counts.filter(({ vanished }) => vanished > 0);
}

const sorted = (vanished: Run['vanished'] | undefined) =>
  [...(vanished ?? [])].sort((a, b) => (a.entityType < b.entityType ? -1 : 1));

describe('A generation that lacks more than 1 % of what is served', function () {
  this.timeout(240_000);

  it('waits for a yes, over restarts, and serves when it is said', async () => {
    await using pipeline = await bereft((manifests) => manifests.slice(manifests.length / 2));
    const documents = await pipeline.documents();
    expect(await pipeline.failure()).to.match(/Generation 2 lacks \d+ of \d+ .* --accept-vanished/);
    const [run, ...others] = await runs(pipeline);
    expect(run).to.include({ kind: 'take-over', state: 'unconfirmed', generation: 2, attempts: 1 });
    expect(sorted(run?.vanished)).to.deep.equal(sorted(vanishedOf(documents, await pipeline.documentsOf(2))));
    expect(others).to.have.length(1);
    await pipeline.generation(1);

    await pipeline.stop('transform');
    await pipeline.startTransform();
    expect(await pipeline.failure()).to.match(/Generation 2 lacks/);
    expect(await runs(pipeline)).to.deep.equal([run, ...others]);
    expect(await pipeline.documents()).to.deep.equal(documents);

    await resume(pipeline, run?.id ?? '', false);
    await until(async () => (await runs(pipeline))[0]?.attempts === 2);
    await until(async () => (await runs(pipeline))[0]?.state === 'unconfirmed');
    await pipeline.generation(1);

    await resume(pipeline, run?.id ?? '', true);
    await pipeline.generation(2);
    await until(async () => (await runs(pipeline))[0]?.state === 'succeeded');
    const [confirmed] = await runs(pipeline);
    expect(confirmed).to.include({ id: run?.id, acceptsVanished: true, attempts: 3 });
    expect(sorted(confirmed?.vanished)).to.deep.equal(sorted(run?.vanished));
    expect(await pipeline.documents()).to.deep.equal(await pipeline.documentsOf(2));
  });

  it('catches up first: a worker that was replaced may have written what was staged meanwhile', async () => {
    await using bereaved = await bereftOf((manifests) => manifests.slice(manifests.length / 2));
    const { pipeline, restore } = bereaved;
    const { deployment } = pipeline.settings;
    const former = indexName({ deployment, catalog, entityType: 'files', generation: 1 });
    pipeline.search.add({ path: `/${former}/_search`, fault: { kind: 'answer', status: 503 } });
    await pipeline.startTransform();
    await pipeline.paused();
    await restore();
    pipeline.search.clear();
    await until(async () => (await runs(pipeline))[0]?.state !== 'running');
    expect((await runs(pipeline))[0]).to.include({ kind: 'take-over', state: 'succeeded', generation: 2 });
    await pipeline.startIngest();
    await pipeline.expectClean();
  });

  it('serves by itself once what it lacked is there, as when the letters of damaged batches are redriven', async () => {
    const pipeline = await Pipeline.open({ limits: { batchBundles: 2 } });
    await using _ = pipeline;
    await pipeline.start();
    await pipeline.notify();
    await pipeline.settled();
    await pipeline.stop('transform');
    pipeline.loseStore();
    const entities = join(pipeline.settings.folders.staging, catalog, 'entities');
    for (const name of readdirSync(entities).slice(1)) rmSync(join(entities, name));
    await pipeline.startTransform();
    expect(await pipeline.failure()).to.match(/Generation 2 lacks/);
    for (const letter of await pipeline.letters()) {
      await redrive(pipeline.reachable, letter);
      await pipeline.deadLetters.delete(letter.key);
    }
    await pipeline.generation(2);
    await until(async () => (await runs(pipeline))[0]?.state === 'succeeded');
    expect((await runs(pipeline))[0]).to.include({ kind: 'take-over', acceptsVanished: false });
    await pipeline.expectClean();
  });

  it('does not count what was deleted last, though searches still show it', async () => {
    await using pipeline = await Pipeline.open({ limits: { batchBundles: 1000 } });
    const { deployment } = pipeline.settings;
    await pipeline.startIngest();
    await pipeline.notify();
    const worker = await pipeline.spawn('transform');
    await pipeline.settled();
    const indices = indexName({ deployment, catalog, entityType: '*', generation: 1 });
    await ask(pipeline.opensearch, 'PUT', `/${indices}/_settings`, { index: { refresh_interval: '-1' } });
    await worker.arm({ point: 'transform.written', hit: 1 });
    await pipeline.notify(pipeline.world.notifications.map((told) => ({ ...told, action: 'delete' })));
    await worker.died();
    pipeline.loseStore();
    await pipeline.startTransform();
    await until(async () => {
      const [run] = await runs(pipeline);
      return run?.generation === 2 && run.state !== 'running';
    });
    expect((await runs(pipeline))[0]).to.include({ kind: 'take-over', state: 'succeeded' });
    expect((await pipeline.documents()).size).to.equal(0);
  });

  it('is given up where another one is asked for, even of an emptied catalog', async () => {
    await using pipeline = await bereft((manifests) => manifests);
    const documents = await pipeline.documents();
    expect(await pipeline.failure()).to.match(/Generation 2 lacks/);
    await pipeline.reindex();
    await until(
      async () => (await runs(pipeline)).map(({ state }) => state).join() === 'unconfirmed,cancelled,succeeded',
    );
    const [run] = await runs(pipeline);
    expect(run?.generation).to.equal(3);
    expect(sorted(run?.vanished)).to.deep.equal(sorted(vanishedOf(documents, new Map())));
    await resume(pipeline, run?.id ?? '', true);
    await pipeline.generation(3);
    expect((await pipeline.documents()).size).to.equal(0);
    await pipeline.reindex();
    await pipeline.generation(4);
  });
});

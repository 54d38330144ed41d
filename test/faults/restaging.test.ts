import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { program } from '../../cli/program.ts';
import { indexName } from '../../core/documents/index-layout.ts';
import { printed } from '../rigs/cli/printed.ts';
import { until } from '../rigs/until.ts';
import { ask, differences, none } from './indexed.ts';
import type { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { aside, Changing, change, latest, runs, settleMillis, start } from './restaged.ts';
import { fillRepository } from './world.ts';

/** A world whose repository has changed is indexed. */
async function changed(limits = {}): Promise<Changing> {
  const world = await Changing.open({ limits: { batchBundles: 4, ...limits } });
  const { pipeline } = world;
  await pipeline.start();
  await pipeline.notify();
  await pipeline.settled(settleMillis);
  await world.change();
  return world;
}

/** Runs a command against the workers of a pipeline. @returns what it prints */
async function lazuli(pipeline: Pipeline, ...words: readonly string[]): Promise<readonly string[]> {
  const config = join(pipeline.folder, 'reachable.json');
  await writeFile(config, JSON.stringify(pipeline.reachable));
  const { lines, output } = printed();
  await program(output).parseAsync([...words, '--config', config], { from: 'user' });
  return lines.out;
}

describe('A run from the repository', function () {
  this.timeout(600_000);

  it('of bundles with a prefix leaves others as they are, though batches are merged meanwhile', async () => {
    const world = await changed({ batchBundles: 1 });
    await using pipeline = world.pipeline;
    const prefix = world.gone.fqid.uuid.slice(0, 1);
    const isOfRun = ({ uuid }: { readonly uuid: string }): boolean => uuid.startsWith(prefix);
    const before = world.pipeline.world.notifications.length;
    expect(before).to.be.greaterThan(16);
    await start(pipeline, { from: 'repository', prefix });
    const asked = await latest(pipeline, 'unconfirmed');
    const deleted = world.counting(({ uuid }) => !isOfRun({ uuid }));
    await world.happen(deleted);
    await pipeline.settled(settleMillis);
    await change(pipeline, 'resume', asked.id, true);
    await latest(pipeline, 'succeeded');
    await pipeline.settled(settleMillis);
    const expected = await world.expected(deleted, isOfRun);
    expect(differences(await pipeline.documents(), expected)).to.deep.equal(none);
    await until(async () => (await aside(pipeline)).length === 0);
    await pipeline.expectNoLetters();
  });

  it('that is cancelled half-way leaves nothing that counts, and what served serves', async () => {
    const world = await changed();
    await using pipeline = world.pipeline;
    await pipeline.stop('ingest');
    const worker = await pipeline.spawn('ingest', { point: 'ingest.restaged', hit: 1 });
    const documents = await pipeline.documents();
    const { id } = await start(pipeline, { from: 'repository' });
    await worker.died(settleMillis);
    expect(await aside(pipeline)).not.to.deep.equal([]);
    await change(pipeline, 'cancel', id);
    await pipeline.startIngest();
    await until(async () => (await aside(pipeline)).length === 0, 30_000);
    expect(await latest(pipeline, 'cancelled')).to.include({ id, generation: null });
    await pipeline.settled(settleMillis);
    expect(differences(await pipeline.documents(), documents)).to.deep.equal(none);
  });

  it('waits for a yes where the repository suddenly lists nothing', async () => {
    const world = await changed();
    await using pipeline = world.pipeline;
    const documents = await pipeline.documents();
    await fillRepository(pipeline.world.folder, []);
    const { id } = await start(pipeline, { from: 'repository' });
    const asked = await latest(pipeline, 'unconfirmed');
    expect(asked.restaging?.vanished?.vanished).to.equal(asked.restaging?.vanished?.before);
    await pipeline.stop('transform');
    await pipeline.startTransform();
    expect(await latest(pipeline, 'unconfirmed')).to.deep.equal(asked);
    expect(differences(await pipeline.documents(), documents)).to.deep.equal(none);
    await change(pipeline, 'cancel', id);
    await pipeline.settled(settleMillis);
    expect(differences(await pipeline.documents(), documents)).to.deep.equal(none);
    expect((await runs(pipeline)).map(({ state }) => state)).to.deep.equal(['cancelled', 'succeeded']);
  });

  it('stands still while the repository can not be read, and says why', async () => {
    const world = await changed();
    await using pipeline = world.pipeline;
    await writeFile(join(pipeline.world.folder, 'bundles.json'), 'no JSON');
    await start(pipeline, { from: 'repository', source: world.gone.fqid.source.id });
    await until(async () =>
      /repository_unavailable.*bundles.json/.test((await runs(pipeline))[0]?.restaging?.problem ?? ''),
    );
    await world.change();
    expect((await latest(pipeline, 'unconfirmed')).restaging?.problem).to.equal(null);
  });

  it('leaves a bundle as it was that is bad now, and tells of it', async () => {
    const world = await changed();
    await using pipeline = world.pipeline;
    const { fqid } = world.counting();
    await fillRepository(
      pipeline.world.folder,
      [...world.newest, world.late].map((one) => (one.fqid === fqid ? { fqid, bytes: Buffer.from('no JSON') } : one)),
    );
    const lines = await lazuli(pipeline, 'reindex', '--from', 'repository', '--json');
    const run = await latest(pipeline, 'succeeded');
    expect(JSON.parse(lines.join('\n'))).to.deep.equal(run);
    expect(run.restaging?.failures).to.deep.equal({ bundle_not_json: 1 });
    expect(run.restaging?.vanished).to.include({ vanished: 0 });
    expect((await pipeline.letters()).map(({ place }) => place.bundle)).to.deep.equal([`${fqid.uuid}.${fqid.version}`]);
    await pipeline.settled(settleMillis);
    const bundle = (await pipeline.documents()).get(`bundles/${fqid.uuid}`);
    expect(bundle).not.to.equal(undefined);
  });
});

describe('A run of some bundles, from what is staged', function () {
  this.timeout(600_000);

  it('recomputes documents that they have a part in, where they are', async () => {
    const world = await changed();
    await using pipeline = world.pipeline;
    const { fqid } = world.counting();
    const documents = await pipeline.documents();
    const index = indexName({
      deployment: pipeline.settings.deployment,
      catalog,
      entityType: 'bundles',
      generation: 1,
    });
    await ask(pipeline.opensearch, 'DELETE', `/${index}/_doc/${fqid.uuid}?refresh=true`);
    expect((await pipeline.documents()).has(`bundles/${fqid.uuid}`)).to.equal(false);
    const lines = await lazuli(pipeline, 'recompute', '--source', fqid.source.id, '--prefix', fqid.uuid.slice(0, 8));
    const run = await latest(pipeline, 'succeeded');
    expect(run).to.include({ kind: 'repair', generation: 1, phase: 'repairing' });
    expect(run.documents.done).to.equal(run.documents.expected);
    expect(lines.at(-1)).to.equal(`recomputed hca: ${run.documents.done} documents, generation 1 serves`);
    expect(run.documents.done).to.be.within(1, (await pipeline.documents()).size - 1);
    await pipeline.settled(settleMillis);
    expect(differences(await pipeline.documents(), documents)).to.deep.equal(none);
    await pipeline.generation(1);
  });
});

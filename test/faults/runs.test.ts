import { expect } from 'chai';
import type { Run } from '../../core/runs/run.ts';
import { askOwners } from '../../ingest/runs.ts';
import { post, startIndexer } from '../rigs/streams/indexer.ts';
import { until } from '../rigs/until.ts';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';

const limits = { bucketLinks: 32 };

const runs = async (pipeline: Pipeline): Promise<readonly Run[]> =>
  (await ask(pipeline.url('transform'), 'GET', `/runs/${catalog}`)) as readonly Run[];

async function latest(pipeline: Pipeline): Promise<Run> {
  const [run] = await runs(pipeline);
  if (run === undefined) throw new Error('there is no run');
  return run;
}

const change = (pipeline: Pipeline, what: 'cancel' | 'resume', id: string): Promise<unknown> =>
  ask(pipeline.url('transform'), 'POST', `/runs/${what}`, { catalog, id });

const refusal = (refused: Promise<unknown>): Promise<string> =>
  refused.then(
    () => 'accepted',
    ({ message }: Error) => message,
  );

const ended = (pipeline: Pipeline) => until(async () => (await latest(pipeline)).state !== 'running', 60_000);

/** A world is indexed. */
async function indexed() {
  const pipeline = await Pipeline.open({ limits });
  await pipeline.startIngest();
  await pipeline.notify();
  return pipeline;
}

/** By source, documents that a run was to compute, write and verify; one of several sources counts for each. */
async function ofSources(pipeline: Pipeline): Promise<Run['sources']> {
  const sources = [...(await pipeline.documents()).values()].flatMap((one) => one.sources as readonly { id: string }[]);
  const counts = Map.groupBy(sources, ({ id }) => id);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, { length: n }]) => ({ source, expected: n, computed: n, written: n, verified: n }));
}

/** A reindex that goes on for as long as OpenSearch is slow. */
async function slowly(pipeline: Pipeline): Promise<Run> {
  const writing = pipeline.search.add({ path: '/_bulk', fault: { kind: 'delay', millis: 300 } });
  await pipeline.reindex();
  await until(() => writing() > 0);
  return latest(pipeline);
}

describe('A run', function () {
  this.timeout(180_000);

  it('is recorded with what it has done', async () => {
    await using pipeline = await indexed();
    await pipeline.startTransform();
    await pipeline.settled();
    await pipeline.reindex();
    await pipeline.generation(2);
    await ended(pipeline);
    const [second, first, ...others] = await runs(pipeline);
    expect(others).to.deep.equal([]);
    expect(first).to.include({ kind: 'take-over', state: 'succeeded', generation: 1, attempts: 1, failure: null });
    expect(second).to.include({ kind: 'reindex', state: 'succeeded', generation: 2, attempts: 1, failure: null });
    expect(second?.documents).to.deep.equal({
      expected: (await pipeline.documents()).size,
      done: (await pipeline.documents()).size,
    });
    expect(second?.sources).to.deep.equal(await ofSources(pipeline));
    expect(second?.sources).to.have.length(2);
    expect(second?.rate).to.be.greaterThan(0);
    expect([second?.eta, second?.failures]).to.deep.equal([null, {}]);
    expect(Date.parse(second?.ended ?? '')).to.be.at.least(Date.parse(second?.started ?? ''));
  });

  it('tells while it goes on how far it is with every source', async () => {
    await using pipeline = await indexed();
    await pipeline.startTransform();
    await pipeline.settled();
    await slowly(pipeline);
    await until(async () => (await latest(pipeline)).documents.done > 0);
    const { documents, sources, rate, eta, started } = await latest(pipeline);
    expect(documents.done).to.be.below(documents.expected);
    expect(sources.map(({ source, expected }) => [source, expected])).to.deep.equal(
      (await ofSources(pipeline)).map(({ source, expected }) => [source, expected]),
    );
    for (const { expected, computed, written, verified } of sources)
      expect([verified, written, computed, expected]).to.deep.equal(
        [0, written, computed, expected].sort((a, b) => a - b),
      );
    expect(rate).to.be.greaterThan(0);
    expect(Date.parse(eta ?? '')).to.be.greaterThan(Date.parse(started));
    pipeline.search.clear();
    await ended(pipeline);
  });

  it('tells what was given up since it began, by reason', async () => {
    await using pipeline = await indexed();
    await pipeline.startTransform();
    await pipeline.settled();
    const fails = (_id: string, position: number) => position === 0;
    const fault = { kind: 'fail-items', status: 400, type: 'mapper_parsing_exception', fails } as const;
    pipeline.search.add({ path: '/_bulk', times: 2, fault });
    await pipeline.reindex();
    await pipeline.generation(2);
    await ended(pipeline);
    const letters = await pipeline.letters();
    expect(letters.length).to.be.greaterThan(0);
    expect((await latest(pipeline)).failures).to.deep.equal({ document_rejected: letters.length });
    await pipeline.reindex();
    await pipeline.generation(3);
    await ended(pipeline);
    expect((await latest(pipeline)).failures).to.deep.equal({});
  });

  it('is gone on with after its worker was killed', async () => {
    await using pipeline = await indexed();
    const worker = await pipeline.spawn('transform');
    await pipeline.settled();
    await worker.arm({ point: 'transform.bucket-built', hit: 3 });
    await pipeline.reindex();
    await worker.died();
    await pipeline.startTransform();
    await pipeline.generation(2);
    await ended(pipeline);
    expect(await latest(pipeline)).to.include({ state: 'succeeded', attempts: 2, generation: 2 });
    await pipeline.expectClean();
  });

  it('is known to have succeeded when its worker was killed after the swap', async () => {
    await using pipeline = await indexed();
    const worker = await pipeline.spawn('transform');
    await pipeline.settled();
    await worker.arm({ point: 'transform.swapped', hit: 1 });
    await pipeline.reindex();
    await worker.died();
    await pipeline.startTransform();
    await pipeline.generation(2);
    await ended(pipeline);
    expect(await latest(pipeline)).to.include({ state: 'succeeded', attempts: 1, generation: 2 });
    await pipeline.expectClean();
  });

  it('can be cancelled, and tried again; the former generation serves and stays current', async () => {
    await using pipeline = await indexed();
    await pipeline.startTransform();
    await pipeline.settled();
    const { id } = await slowly(pipeline);
    expect(await refusal(change(pipeline, 'resume', id))).to.match(/409.*is running/);
    await change(pipeline, 'cancel', id);
    expect(await latest(pipeline)).to.include({ id, state: 'cancelled' });
    expect(await refusal(change(pipeline, 'cancel', id))).to.match(/409.*is not running/);
    pipeline.search.clear();
    await pipeline.expectClean();
    await pipeline.generation(1);
    await change(pipeline, 'resume', id);
    await until(async () => (await latest(pipeline)).state === 'succeeded', 60_000);
    expect(await latest(pipeline)).to.include({ id, attempts: 2 });
    expect(await refusal(change(pipeline, 'resume', id))).to.match(/409.*has succeeded/);
    expect(await refusal(change(pipeline, 'resume', 'nosuch'))).to.match(/404/);
    expect(await refusal(change(pipeline, 'cancel', 'nosuch'))).to.match(/404/);
    await pipeline.expectClean();
  });

  it('can be begun by whoever may notify', async () => {
    await using pipeline = await indexed();
    await pipeline.startTransform();
    await pipeline.settled();
    pipeline.search.add({ path: '/_bulk', fault: { kind: 'delay', millis: 300 } });
    const indexer = await startIndexer({ runs: askOwners(pipeline.reachable) });
    const start = () => post(indexer.url, `/runs/${catalog}`, '');
    const { status, body } = await start();
    expect([status, JSON.parse(body).state]).to.deep.equal([202, 'running']);
    expect((await start()).status).to.equal(409);
    expect(JSON.parse(body).id).to.equal((await latest(pipeline)).id);
    pipeline.search.clear();
    await ended(pipeline);
    await pipeline.generation(2);
    const one = await fetch(`${indexer.url}/runs/${catalog}/${JSON.parse(body).id}`);
    const { source: _s, prefix: _p, sources: _all, failure: _f, ...told } = await latest(pipeline);
    expect(await one.json()).to.deep.equal(told);
    await indexer.stop();
  });

  it('is the only one: who asks for another waits for it', async () => {
    await using pipeline = await indexed();
    await pipeline.startTransform();
    await pipeline.settled();
    await slowly(pipeline);
    await pipeline.reindex();
    pipeline.search.clear();
    await ended(pipeline);
    expect((await runs(pipeline)).map(({ kind }) => kind)).to.deep.equal(['reindex', 'take-over']);
    await pipeline.generation(2);
  });
});

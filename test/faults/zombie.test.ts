import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { indexName } from '../../core/documents/index-layout.ts';
import type { TransformWorker } from '../../transform/worker.ts';
import { until } from '../rigs/until.ts';
import { ask } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { startSearchProxy } from './search-proxy.ts';
import { partsOf } from './world.ts';

/** The code of the error that a worker ends with. */
async function endOf(worker: TransformWorker): Promise<string> {
  const error = await worker.done.then(
    () => new Error('It ended without an error.'),
    (thrown: unknown) => thrown,
  );
  return error instanceof LazuliError ? error.code : String(error);
}

/** With a state folder of its own, and OpenSearch as its proxy has it or not. */
function settingsOfOther(pipeline: Pipeline, opensearch: string): Settings {
  const folders = { ...pipeline.settings.folders, state: join(pipeline.folder, 'other-state') };
  return { ...pipeline.settings, folders, opensearch: { url: opensearch } };
}

describe('Of two transform workers with a store each, the older one stops', () => {
  it('when the other one serves a generation of its own', async () => {
    await using pipeline = await Pipeline.open();
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.startIngest();
    await pipeline.notify(before);
    const older = await pipeline.startTransform();
    await pipeline.settled();
    await pipeline.startTransform(settingsOfOther(pipeline, pipeline.opensearch));
    await pipeline.settled();
    await pipeline.deleteIndices(1); // as happens a minute after it ceased to serve
    await pipeline.notify(after);
    expect(await endOf(older)).to.equal('superseded');
    await older.stop();
    await pipeline.expectClean();
  });

  it('when it is asked to rebuild', async () => {
    await using pipeline = await Pipeline.open();
    await pipeline.startIngest();
    await pipeline.notify();
    const older = await pipeline.startTransform();
    await pipeline.settled();
    await ask(older.url, 'POST', '/reindex', { catalog });
    await pipeline.generation(2);
    await pipeline.startTransform(settingsOfOther(pipeline, pipeline.opensearch));
    await pipeline.settled();
    // It may have found out by itself before it is asked.
    await ask(older.url, 'POST', '/reindex', { catalog }).catch(() => undefined);
    expect(await endOf(older)).to.equal('superseded');
    await older.stop();
    await pipeline.expectClean();
  });

  it('when the other one goes on in the same generation, with a copy of its store', async () => {
    await using pipeline = await Pipeline.open();
    const [before = [], after = []] = partsOf(pipeline.world.notifications, 2);
    await pipeline.startIngest();
    await pipeline.notify(before);
    const older = await pipeline.startTransform();
    await pipeline.settled();
    const other = settingsOfOther(pipeline, pipeline.opensearch);
    cpSync(pipeline.settings.folders.state, other.folders.state, { recursive: true });
    pipeline.search.add({ path: '/_bulk', fault: { kind: 'answer', status: 429 } });
    await pipeline.startTransform(other);
    await pipeline.notify(after);
    await pipeline.settled();
    pipeline.search.clear();
    expect(await endOf(older)).to.equal('superseded');
    await older.stop();
    await pipeline.expectClean();
  });

  it('and leaves alone what the other one builds', async () => {
    await using pipeline = await Pipeline.open();
    const { deployment } = pipeline.settings;
    const isBuilt = async (generation: number) =>
      (await built(pipeline)).some(([name]) => name.endsWith(`_g${generation}`));
    await pipeline.startIngest();
    await pipeline.notify();
    const older = await pipeline.startTransform();
    await pipeline.settled();
    const first = indexName({ deployment, catalog, entityType: 'files', generation: 2 });
    pipeline.search.add({ path: `/${first}`, fault: { kind: 'answer', status: 503 } });
    await ask(older.url, 'POST', '/reindex', { catalog });
    await pipeline.paused();
    const proxy = await startSearchProxy(pipeline.opensearch);
    try {
      proxy.add({ path: '/_aliases', fault: { kind: 'answer', status: 503 } });
      await pipeline.startTransform(settingsOfOther(pipeline, proxy.url));
      await until(() => isBuilt(3));
      await pipeline.paused();
      const own = (await built(pipeline)).filter(([name]) => name.endsWith('_g3'));
      pipeline.search.clear();
      expect(await endOf(older)).to.equal('superseded');
      await older.stop();
      expect(await built(pipeline)).to.include.deep.members(own);
      proxy.clear();
      await pipeline.generation(3);
      await pipeline.expectClean();
    } finally {
      await proxy.close();
    }
  });
});

/** All indices of a pipeline, and their UUIDs. */
async function built({
  opensearch,
  settings: { deployment },
}: Pipeline): Promise<readonly (readonly [string, string])[]> {
  const answer = await ask(opensearch, 'GET', `/lazuli_${deployment}_*/_settings/index.uuid`);
  const indices = answer as Readonly<
    Record<string, { readonly settings: { readonly index: { readonly uuid: string } } }>
  >;
  return Object.entries(indices).map(([name, { settings }]) => [name, settings.index.uuid] as const);
}

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../config/errors.ts';
import type { Settings } from '../../config/settings.ts';
import type { TransformWorker } from '../../transform/worker.ts';
import { ask } from './indexed.ts';
import { catalog, Pipeline } from './pipeline.ts';
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
    await ask(older.url, 'POST', '/reindex', { catalog });
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
});

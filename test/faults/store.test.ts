import { cpSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { until } from '../rigs/until.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { partsOf } from './world.ts';

const storesOf = ({ folder }: Pipeline): string => join(folder, 'state', 'stores');

/** The first third of a world is indexed, and the transform worker stopped. */
async function stopped() {
  const pipeline = await Pipeline.open();
  const [first = [], second = [], third = []] = partsOf(pipeline.world.notifications, 3);
  await pipeline.start();
  await pipeline.notify(first);
  await pipeline.settled();
  await pipeline.stop('transform');
  return { pipeline, second, third };
}

describe('The index equals that of a clean run after the store', () => {
  it('was deleted', async () => {
    const { pipeline, second, third } = await stopped();
    await using _ = pipeline;
    rmSync(storesOf(pipeline), { recursive: true });
    await pipeline.notify([...second, ...third]);
    await pipeline.startTransform();
    await pipeline.expectClean();
  });

  it('was cut short', async () => {
    const { pipeline, second, third } = await stopped();
    await using _ = pipeline;
    truncateSync(join(storesOf(pipeline), `${catalog}.duckdb`), 10_000);
    await pipeline.notify([...second, ...third]);
    await pipeline.startTransform();
    await pipeline.expectClean();
  });

  it('was restored from an older copy', async () => {
    const { pipeline, second, third } = await stopped();
    await using _ = pipeline;
    const copy = join(pipeline.folder, 'copy');
    cpSync(storesOf(pipeline), copy, { recursive: true });
    await pipeline.startTransform();
    await pipeline.notify(second);
    await pipeline.settled();
    await pipeline.stop('transform');
    rmSync(storesOf(pipeline), { recursive: true });
    cpSync(copy, storesOf(pipeline), { recursive: true });
    await pipeline.notify(third);
    await pipeline.startTransform();
    await pipeline.expectClean();
  });

  it('was restored from a copy that the same worker went on from', async () => {
    const { pipeline, second, third } = await stopped();
    await using _ = pipeline;
    await pipeline.startTransform();
    await pipeline.settled();
    const copy = join(pipeline.folder, 'copy');
    cpSync(storesOf(pipeline), copy, { recursive: true });
    await pipeline.notify(second);
    await pipeline.settled();
    await pipeline.stop('transform');
    rmSync(storesOf(pipeline), { recursive: true });
    cpSync(copy, storesOf(pipeline), { recursive: true });
    await pipeline.notify(third);
    await pipeline.startTransform();
    await pipeline.expectClean();
  });
});

describe('A transform worker that starts again', function () {
  this.timeout(180_000);

  it('goes on in the generation that its store wrote', async () => {
    const { pipeline, second } = await stopped();
    await using _ = pipeline;
    await pipeline.startTransform();
    await pipeline.notify(second);
    await pipeline.settled();
    await pipeline.generation(1);
  });

  it('builds another one where indices were laid out in another way', async () => {
    const { pipeline, second, third } = await stopped();
    await using _ = pipeline;
    const instance = await DuckDBInstance.create(join(storesOf(pipeline), `${catalog}.duckdb`));
    await (await instance.connect()).run("UPDATE generations SET layout = 'another'");
    instance.closeSync();
    await pipeline.notify([...second, ...third]);
    await pipeline.startTransform();
    await pipeline.expectClean();
    await pipeline.generation(2);
  });
});

describe('A store', () => {
  it('has an empty log after a rebuild: the next load need not wait for what that has left', async () => {
    await using pipeline = await Pipeline.open();
    await pipeline.start();
    await pipeline.notify(pipeline.world.notifications);
    await pipeline.settled();
    await pipeline.reindex();
    await pipeline.generation(2);
    const log = join(storesOf(pipeline), `${catalog}.duckdb.wal`);
    await until(() => (statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0);
  });
});

import { copyFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { redrive } from '../../cli/pipeline/redrive.ts';
import { differences } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { temporaryFolder } from './world.ts';

/** What was done to staged files, and how to undo it. */
interface Damage {
  /** of the batches that have lost something */
  readonly batches: readonly string[];
  restore(): void;
}

/** Everything is staged; of one batch a file is cut short, of another one is missing. */
async function damaged(): Promise<{ pipeline: Pipeline; damage: Damage }> {
  const pipeline = await Pipeline.open();
  await pipeline.startIngest();
  await pipeline.notify();
  await pipeline.ingested();
  return { pipeline, damage: spoil(join(pipeline.settings.folders.staging, catalog, 'entities')) };
}

function spoil(folder: string): Damage {
  const [first = '', second = ''] = readdirSync(folder).sort();
  const copies = temporaryFolder('staged');
  for (const name of [first, second]) copyFileSync(join(folder, name), join(copies, name));
  truncateSync(join(folder, first), 100);
  rmSync(join(folder, second));
  return {
    batches: [first, second].map((name) => name.replace('.parquet', '')),
    restore() {
      for (const name of [first, second]) copyFileSync(join(copies, name), join(folder, name));
    },
  };
}

/** The others are indexed, and the letters say what is wrong with these. */
async function expectDeadBatches(pipeline: Pipeline, { batches: [short = '', missing = ''] }: Damage): Promise<void> {
  await pipeline.settled();
  const letters = await pipeline.letters();
  expect(letters.map(({ kind, reason, message }) => `${kind} ${reason}: ${message}`).sort()).to.deep.equal([
    `batch batch_damaged: Batch ${short} can't be loaded: ${catalog}/entities/${short}.parquet is not what was staged.`,
    `batch batch_damaged: Batch ${missing} can't be loaded: ${catalog}/entities/${missing}.parquet is missing.`,
  ]);
  const {
    different,
    unexpected,
    missing: lacking,
  } = differences(await pipeline.documents(), await pipeline.world.expected());
  expect(different.length + lacking.length + unexpected.length, 'documents that lack these batches').to.be.at.least(1);
  expect((await pipeline.documents()).size, 'documents of other batches').to.be.at.least(1);
}

describe('Batches with damaged files are dead-lettered, and the index equals that of a clean run', () => {
  it('once the files are restored', async () => {
    const { pipeline, damage } = await damaged();
    await using _ = pipeline;
    await pipeline.startTransform();
    await expectDeadBatches(pipeline, damage);
    damage.restore();
    await pipeline.letterless();
    await pipeline.expectClean();
  });

  it('once the files are restored while the worker is stopped', async () => {
    const { pipeline, damage } = await damaged();
    await using _ = pipeline;
    await pipeline.startTransform();
    await expectDeadBatches(pipeline, damage);
    await pipeline.stop('transform');
    damage.restore();
    await pipeline.startTransform();
    await pipeline.letterless();
    await pipeline.expectClean();
  });

  it('once their bundles are staged again by redriving the letters', async () => {
    const { pipeline, damage } = await damaged();
    await using _ = pipeline;
    await pipeline.startTransform();
    await expectDeadBatches(pipeline, damage);
    for (const letter of await pipeline.letters()) {
      await redrive(pipeline.reachable, letter);
      await pipeline.deadLetters.delete(letter.key);
    }
    await pipeline.expectClean();
  });
});

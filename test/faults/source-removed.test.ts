import { expect } from 'chai';
import type { BundleFqid } from '../../core/model/bundle.ts';
import { manifestKey, manifestSchema } from '../../core/staged/layout.ts';
import { Standings } from '../../core/staged/standings.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { removalPoints } from '../rigs/faults/deaths.ts';
import { until } from '../rigs/until.ts';
import { ask, differences, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { generatedBundles, smallWorld, worldOf } from './world.ts';

/** Sources of the batches that count. */
async function stagedSources(pipeline: Pipeline): Promise<ReadonlySet<string>> {
  const objects = new FolderStore(pipeline.settings.folders.staging);
  const found = new Set<string>();
  for (const batch of (await new Standings(objects, catalog).read()).live) {
    const bytes = await objects.get(manifestKey(catalog, batch));
    const { bundles } = manifestSchema.parse(JSON.parse(Buffer.from(bytes ?? '').toString('utf8')));
    for (const { source } of bundles) found.add(source.id);
  }
  return found;
}

describe('A source that is removed', () => {
  for (const point of removalPoints) {
    it(`leaves nothing behind, and others as they were, though its worker is killed at ${point}`, async function () {
      this.timeout(180_000);
      await using pipeline = await Pipeline.open();
      const { notifications } = pipeline.world;
      const [removed = ''] = notifications.map(({ fqid }) => fqid.source.id).sort();
      const isKept = ({ fqid }: { readonly fqid: BundleFqid }): boolean => fqid.source.id !== removed;
      const left = generatedBundles(smallWorld).filter(isKept);
      expect(left).not.to.be.empty;
      await pipeline.startIngest();
      const worker = await pipeline.spawn('transform');
      await pipeline.notify();
      await pipeline.settled();
      await worker.arm({ point, hit: 1 });
      await ask(pipeline.url('transform'), 'POST', '/sources/remove', { catalog, source: removed });
      await worker.died();
      const restarted = await pipeline.startTransform();
      await until(async () => !(await stagedSources(pipeline)).has(removed), 60_000);
      await pipeline.settled();
      const expected = await (await worldOf(left, notifications.filter(isKept))).expected();
      expect(differences(await pipeline.documents(), expected)).to.deep.equal(none);
      await restarted.stop();
      pipeline.loseStore();
      await pipeline.startTransform();
      await pipeline.settled();
      expect(differences(await pipeline.documents(), expected)).to.deep.equal(none);
      await pipeline.expectNoLetters();
    });
  }
});

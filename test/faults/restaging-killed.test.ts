import { expect } from 'chai';
import { replacementPoints, restagingPoints } from '../rigs/faults/deaths.ts';
import { differences, none } from './indexed.ts';
import { Changing, change, latest, settleMillis, start } from './restaged.ts';

describe('A run from the repository', function () {
  this.timeout(600_000);

  for (const point of restagingPoints) {
    it(`goes on though ingest is killed at ${point}; what is notified meanwhile counts, and what was before does not`, async () => {
      const world = await Changing.open({ limits: { batchBundles: 4 } });
      await using pipeline = world.pipeline;
      const worker = await pipeline.spawn('ingest');
      await pipeline.startTransform();
      await pipeline.notify();
      await pipeline.settled(settleMillis);
      await world.change();
      await worker.arm({ point, hit: 1 });
      await start(pipeline, { from: 'repository' });
      await worker.died(settleMillis);
      const deleted = world.counting();
      await world.happen(deleted);
      await pipeline.startIngest();
      const asked = await latest(pipeline, 'unconfirmed');
      expect(asked.failure).to.match(/doesn't list 1 of \d+ bundles that count.*--accept-vanished/);
      expect(asked.restaging?.vanished?.vanished).to.equal(1);
      await change(pipeline, 'resume', asked.id, true);
      const run = await latest(pipeline, 'succeeded');
      expect(run).to.include({ from: 'repository', attempts: 2 });
      expect(run.generation).to.be.above(1);
      await pipeline.settled(settleMillis);
      const expected = await world.expected(deleted);
      expect(differences(await pipeline.documents(), expected)).to.deep.equal(none);
      await pipeline.expectNoLetters();
    });
  }

  for (const point of replacementPoints) {
    it(`of one source goes on though transform is killed at ${point}; a store from what is left is the same`, async () => {
      const world = await Changing.open({ limits: { batchBundles: 4 } });
      await using pipeline = world.pipeline;
      await pipeline.startIngest();
      const worker = await pipeline.spawn('transform');
      await pipeline.notify();
      await pipeline.settled(settleMillis);
      await world.change();
      const { id } = world.gone.fqid.source;
      const isOfRun = ({ source }: { readonly source: { readonly id: string } }) => source.id === id;
      await start(pipeline, { from: 'repository', source: id });
      const deleted = world.counting(isOfRun);
      const asked = await latest(pipeline, 'unconfirmed');
      await world.happen(deleted);
      await pipeline.settled(settleMillis);
      await worker.arm({ point, hit: 1 });
      await change(pipeline, 'resume', asked.id, true);
      await worker.died(settleMillis);
      const restarted = await pipeline.startTransform();
      await latest(pipeline, 'succeeded');
      await pipeline.settled(settleMillis);
      const expected = await world.expected(deleted, isOfRun);
      expect(differences(await pipeline.documents(), expected)).to.deep.equal(none);
      expect(differences(await pipeline.documentsOf(1), expected)).to.deep.equal(none);
      await restarted.stop();
      pipeline.loseStore();
      await pipeline.startTransform();
      await pipeline.settled(settleMillis);
      expect(differences(await pipeline.documents(), expected)).to.deep.equal(none);
      await pipeline.expectNoLetters();
    });
  }
});

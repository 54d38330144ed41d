import { ingestPoints } from '../rigs/faults/deaths.ts';
import { Pipeline } from './pipeline.ts';

describe('An ingest worker killed', () => {
  for (const point of ingestPoints) {
    it(`at ${point} loses nothing and stages nothing that counts twice`, async () => {
      await using pipeline = await Pipeline.open();
      await pipeline.startTransform();
      await pipeline.notify();
      const worker = await pipeline.spawn('ingest', { point, hit: 2 });
      await worker.died();
      await pipeline.startIngest();
      await pipeline.expectClean();
    });
  }
});

import { expect } from 'chai';
import fc from 'fast-check';
import { nextMerge, type SizedBatch } from '../../transform/compaction/plan.ts';
import { numRuns, seed } from '../rigs/property.ts';

describe('Which batches are merged', () => {
  const batchesOf = (sizes: readonly number[]): SizedBatch[] =>
    sizes.map((bytes, i) => ({ batch: String(i).padStart(6, '0'), bytes }));

  it('are such that there are never many, each written again a few times only', () => {
    const size = fc.oneof(fc.integer({ min: 1_000, max: 200_000 }), fc.integer({ min: 1_000, max: 20_000_000 }));
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 400 }), (sizes) => {
        let batches: SizedBatch[] = [];
        let written = 0;
        for (const one of batchesOf(sizes)) {
          batches.push(one);
          for (let merge = nextMerge(batches); merge !== null; merge = nextMerge(batches)) {
            const merged = batches.filter(({ batch }) => merge?.includes(batch));
            expect(merged.length).to.be.greaterThan(1);
            const bytes = merged.reduce((sum, { bytes }) => sum + bytes, 0);
            written += bytes;
            batches = [...batches.filter((kept) => !merged.includes(kept)), { batch: `${one.batch}-r`, bytes }];
          }
        }
        const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
        expect(batches.length).to.be.at.most(3 * 8 + total / 2 ** 23);
        expect(written).to.be.at.most(4 * total);
      }),
      { numRuns: numRuns(2000), seed: seed() },
    );
  });
});

import { expect } from 'chai';
import type { LazuliError } from '../../core/config/errors.ts';
import { takeEpoch } from '../../transform/catalog/epochs.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import { compact, filesOf, minute, stageMany, upkeepOf } from './upkeep.ts';

const limits = { memoryBytes: 400 * 2 ** 20, threads: 1 };

describe('Merging staged batches again and again', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo, limits);
  });
  afterEach(() => catalog.close());

  it('deletes what was replaced before its replacement, where that was replaced in turn meanwhile', async () => {
    await stageMany(catalog, 8);
    await compact(catalog);
    await stageMany(catalog, 7);
    await compact(catalog);
    const before = await catalog.staged.standings();
    expect([before.live.length, before.retired.length]).to.deep.equal([1, 16]);
    // Ended in the middle of the second one, each time.
    for (let left = 15; left > 0; left--) {
      let deletions = 0;
      const fault = (): void => {
        if (++deletions === 2) throw new Error('injected');
      };
      const error = await upkeepOf(catalog, 2 * minute, null, { fault })
        .tidy()
        .catch(String);
      expect(error).to.equal('Error: injected');
      const { live, retired } = await catalog.staged.standings();
      expect({ live, retired: retired.length }).to.deep.equal({ live: before.live, retired: left });
    }
  });

  it('leaves nothing that was replaced, however often, the first time that all of it is due', async () => {
    for (const more of [8, 7, 7]) {
      await stageMany(catalog, more);
      await compact(catalog);
    }
    const { live } = await catalog.staged.standings();
    await upkeepOf(catalog, 2 * minute).tidy();
    const { retired } = await catalog.staged.standings();
    expect(retired).to.deep.equal([]);
    expect(live).to.have.length(1);
    expect((await filesOf(catalog)).every((key) => key.includes(live[0] ?? ''))).to.equal(true);
  });

  it('is left to the worker that owns the catalog: another one may have removed a source', async () => {
    await stageMany(catalog, 8);
    const before = await catalog.staged.standings();
    const { epoch } = await takeEpoch(catalog.objects, testCatalog, 'the first one');
    await takeEpoch(catalog.objects, testCatalog, 'the second one');
    const upkeep = upkeepOf(catalog, 0, null, { epoch });
    const merged = async (): Promise<void> => {
      while (await upkeep.step());
    };
    expect(await merged().catch(({ code }: LazuliError) => code)).to.equal('superseded');
    expect(await catalog.staged.standings()).to.deep.equal(before);
  });
});

import { expect } from 'chai';
import type { LazuliError } from '../../config/errors.ts';
import { Upkeep } from '../../transform/compaction/upkeep.ts';
import { expectOwned, takeEpoch } from '../../transform/epochs.ts';
import { add } from './cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from './computed.ts';
import { minute, partsOf, upkeepOf } from './upkeep.ts';
import { zoo } from './zoo.ts';

const limits = { memoryBytes: 400 * 2 ** 20, threads: 1 };
async function compact(catalog: TestCatalog): Promise<void> {
  const upkeep = upkeepOf(catalog);
  while (await upkeep.step());
}

async function filesOf(catalog: TestCatalog): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of catalog.objects.list(`${testCatalog}/`)) keys.push(key);
  return keys;
}

describe('Merging staged batches again and again', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo, limits);
  });
  afterEach(() => catalog.close());

  async function stageMany(count: number): Promise<void> {
    for (let i = 0; i < count; i++)
      await catalog.add([add({ uuid: `bundle-${i % 5}`, version: '1', cages: { a: [{ id: `${i % 5}` }] } })]);
  }

  it('deletes what was replaced before its replacement, where that was replaced in turn meanwhile', async () => {
    await stageMany(8);
    await compact(catalog);
    await stageMany(7);
    await compact(catalog);
    const before = await catalog.loading.snapshot();
    expect([before.live.length, before.retired.length]).to.deep.equal([1, 16]);
    const tidied = async () => {
      await upkeepOf(catalog, 2 * minute).tidy();
      const { live, retired } = await catalog.loading.snapshot();
      return { live, retired: retired.length };
    };
    expect(await tidied()).to.deep.equal({ live: before.live, retired: 1 });
    const { live, retired } = await tidied();
    expect({ live, retired }).to.deep.equal({ live: before.live, retired: 0 });
    expect((await filesOf(catalog)).every((key) => key.includes(live[0] ?? ''))).to.equal(true);
  });

  it('is left to the worker that owns the catalog: another one may have removed a source', async () => {
    await stageMany(8);
    const before = await catalog.loading.snapshot();
    const { epoch } = await takeEpoch(catalog.objects, testCatalog, 'the first one');
    await takeEpoch(catalog.objects, testCatalog, 'the second one');
    const upkeep = new Upkeep({
      ...partsOf(catalog),
      owned: () => expectOwned(catalog.objects, testCatalog, epoch),
    });
    const merged = async (): Promise<void> => {
      while (await upkeep.step());
    };
    expect(await merged().catch(({ code }: LazuliError) => code)).to.equal('superseded');
    expect(await catalog.loading.snapshot()).to.deep.equal(before);
  });
});

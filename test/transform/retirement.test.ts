import { expect } from 'chai';
import type { Cut } from '../../transform/compaction/cut.ts';
import { add } from './cages.ts';
import { openTestCatalog, type TestCatalog } from './computed.ts';
import { minute, upkeepOf } from './upkeep.ts';
import { zoo } from './zoo.ts';

/** Batches that are staged from now on are of another millisecond. */
async function later(): Promise<void> {
  const now = Date.now();
  while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve));
}

async function compact(catalog: TestCatalog): Promise<void> {
  const upkeep = upkeepOf(catalog);
  while (await upkeep.step());
}

describe('Batches that were merged, and are merged again', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo);
  });
  afterEach(() => catalog.close());

  async function stageMany(count: number): Promise<void> {
    for (let i = 0; i < count; i++)
      await catalog.add([add({ uuid: `bundle-${i % 5}`, version: '1', cages: { a: [{ id: `${i % 5}` }] } })]);
  }

  const contents = () => catalog.store.rows('SELECT bundle_uuid FROM bundles ORDER BY bundle_uuid');

  it('leaves what there is, once everything that was replaced is gone', async () => {
    await stageMany(8);
    await compact(catalog);
    await stageMany(7);
    await compact(catalog);
    const before = await contents();
    const { live } = await catalog.loading.snapshot();
    expect(live.length).to.equal(1);
    await upkeepOf(catalog, 2 * minute).tidy();
    const after = await catalog.loading.snapshot();
    expect([after.live, after.retired]).to.deep.equal([live, []]);
    await catalog.load(await catalog.loading.unloaded());
    expect(await contents()).to.deep.equal(before);
  });

  it('does not put together what a run is about to replace and what comes later, and nothing before it has begun', async () => {
    const withCut = async (cut: Cut) => {
      const upkeep = upkeepOf(catalog, 0, cut);
      while (await upkeep.step());
      return (await catalog.loading.snapshot()).live.length;
    };
    await stageMany(7);
    await later();
    const cut = Date.now();
    await later();
    await stageMany(8);
    expect(await withCut('unknown')).to.equal(15);
    expect(await withCut(cut)).to.equal(7 + 1);
    const staged = await catalog.store.number(`SELECT count(*) FROM batches WHERE staged > ${cut}`);
    expect(staged).to.equal(1);
    expect(await withCut(null)).to.equal(1);
  });
});

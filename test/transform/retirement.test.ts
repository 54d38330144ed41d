import { expect } from 'chai';
import type { Cut } from '../../transform/compaction/cut.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';
import { compact, later, minute, stageMany, upkeepOf } from './upkeep.ts';

describe('Batches that were merged, and are merged again', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo);
  });
  afterEach(() => catalog.close());

  const contents = () => catalog.store.rows('SELECT bundle_uuid FROM bundles ORDER BY bundle_uuid');

  it('leaves what there is, once everything that was replaced is gone', async () => {
    await stageMany(catalog, 8);
    await compact(catalog);
    await stageMany(catalog, 7);
    await compact(catalog);
    const before = await contents();
    const { live } = await catalog.staged.standings();
    expect(live.length).to.equal(1);
    await upkeepOf(catalog, 2 * minute).tidy();
    const after = await catalog.staged.standings();
    expect([after.live, after.retired]).to.deep.equal([live, []]);
    await catalog.load(await catalog.staged.unloaded());
    expect(await contents()).to.deep.equal(before);
  });

  it('are gone after their while by any clock, also where one was set back since they were merged', async () => {
    await stageMany(catalog, 8);
    const ahead = upkeepOf(catalog, 60 * minute);
    while (await ahead.step());
    let now = Date.now();
    const upkeep = upkeepOf(catalog, 0, null, { clock: { now: () => now, sleep: async () => {} } });
    await upkeep.tidy();
    expect((await catalog.staged.standings()).retired.length).to.equal(8);
    now += 2 * minute;
    await upkeep.tidy();
    expect((await catalog.staged.standings()).retired).to.deep.equal([]);
  });

  it('does not put together what a run is about to replace and what comes later, and nothing before it has begun', async () => {
    const withCut = async (cut: Cut) => {
      const upkeep = upkeepOf(catalog, 0, cut);
      while (await upkeep.step());
      return (await catalog.staged.standings()).live.length;
    };
    await stageMany(catalog, 7);
    await later();
    const cut = Date.now();
    await later();
    await stageMany(catalog, 8);
    expect(await withCut('unknown')).to.equal(15);
    expect(await withCut(cut)).to.equal(7 + 1);
    const staged = await catalog.store.number(`SELECT count(*) FROM batches WHERE staged > ${cut}`);
    expect(staged).to.equal(1);
    expect(await withCut(null)).to.equal(1);
  });
});

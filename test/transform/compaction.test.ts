import { expect } from 'chai';
import fc from 'fast-check';
import { type Manifest, manifestKey } from '../../core/staged/layout.ts';
import type { Cut } from '../../transform/compaction/cut.ts';
import { Removals } from '../../transform/compaction/removals.ts';
import type { Loading } from '../../transform/loading/loading.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { add, cages, otherSource, remove } from '../rigs/transform/cages.ts';
import { openTestCatalog, storedCopies, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import { testSource } from '../rigs/transform/staging.ts';
import { notification, united, type World, worlds } from '../rigs/transform/worlds.ts';
import { aheadOf, compact, filesOf, later, minute, stageMany, upkeepOf } from './upkeep.ts';

const limits = { memoryBytes: 400 * 2 ** 20, threads: 1 };

/** Documents, whatever hashes they have. */
async function documentsOf(catalog: TestCatalog): Promise<unknown> {
  return new Map([...(await catalog.sources())].map(([key, { _hash, ...rest }]) => [key, rest]));
}

/** Stages every happening of a world in a batch of its own, and loads them. */
async function arrive(catalog: TestCatalog, world: World): Promise<void> {
  const staged: string[] = [];
  for (const happening of world) staged.push(await catalog.stage([notification(happening)]));
  await catalog.load(staged);
}

/** What the store holds, whatever its keys are, whichever copies were staged twice, and in how many loads it came. */
async function contents({ store }: TestCatalog): Promise<unknown> {
  const tables = ['bundles', 'entities', 'members', 'row_ids', 'animals'];
  const counts = tables.map((table) => `SELECT '${table}' AS t, count(*)::INTEGER AS n FROM ${table}`);
  const masks = ['deletions', 'restores'].map(
    (table) =>
      `SELECT '${table}' AS t, source_id, bundle_uuid, bundle_version, max(number) AS number FROM ${table} GROUP BY ALL`,
  );
  const found = await Promise.all([counts, masks].map((all) => store.rows(`${all.join(' UNION ALL ')} ORDER BY ALL`)));
  return [...found.flat(), ...(await storedCopies(store))];
}

describe('Merging staged batches', () => {
  it('changes nothing, neither in the store nor in one that is made of what is left', async function () {
    this.timeout(3_600_000);
    const some = fc.array(worlds(zoo), { minLength: 8, maxLength: 8, size: 'max' });
    await fc.assert(
      fc.asyncProperty(some, async (all) => {
        const catalog = await openTestCatalog(zoo, limits);
        try {
          await arrive(catalog, united(all, { entities: 'shared' }));
          const before = [await contents(catalog), await catalog.sources()];
          await compact(catalog);
          expect([await contents(catalog), await catalog.sources()]).to.deep.equal(before);
          await upkeepOf(catalog, 2 * minute).tidy();
          const fresh = await openTestCatalog(zoo, limits, catalog);
          await fresh.load(await fresh.staged.unloaded());
          expect([await contents(fresh), await fresh.sources()]).to.deep.equal(before);
          await fresh.close();
        } finally {
          await catalog.close();
        }
      }),
      { numRuns: numRuns(40), seed: seed(), endOnFailure: true },
    );
  });

  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo, limits);
  });
  afterEach(() => catalog.close());

  it('is complete though a file could not be put at first', async () => {
    await stageMany(catalog, 9);
    const before = await documentsOf(catalog);
    const { objects } = catalog;
    let refused = 0;
    const put: typeof objects.put = async (key, value) => {
      if (key.includes('/members/') && refused++ === 0) throw new Error('The disk is full');
      await objects.put(key, value);
    };
    const full = new Proxy(objects, {
      get: (all, method: keyof typeof objects) => (method === 'put' ? put : all[method].bind(all)),
    });
    const upkeep = upkeepOf(catalog, 0, null, { objects: full });
    const failures: string[] = [];
    const step = () => upkeep.step().catch((error: Error) => failures.push(error.message) === 1);
    while (await step());
    expect([failures, refused]).to.deep.equal([['The disk is full'], 2]);
    const fresh = await openTestCatalog(zoo, limits, catalog);
    await fresh.load(await fresh.staged.unloaded());
    expect(await documentsOf(fresh)).to.deep.equal(before);
    await fresh.close();
  });

  it('leaves few batches, keeps a copy that was staged often once, and names what it replaces', async () => {
    await stageMany(catalog, 9);
    await catalog.add([remove({ uuid: 'bundle-0', version: '1' })]);
    const before = (await catalog.staged.standings()).live;
    await compact(catalog);
    const { live, replacedBy } = await catalog.staged.standings();
    expect(live.length).to.equal(1);
    expect([...replacedBy]).to.deep.equal(before.map((batch) => [batch, live[0]]));
    const bytes = await catalog.objects.get(manifestKey(testCatalog, live[0] ?? ''));
    const manifest = JSON.parse(Buffer.from(bytes ?? '').toString('utf8')) as Manifest;
    expect(manifest.replaces).to.deep.equal(before);
    expect(manifest.bundles.map(({ action, uuid }) => `${action} ${uuid}`).sort()).to.deep.equal([
      ...[0, 1, 2, 3, 4].map((i) => `add bundle-${i}`),
      'delete bundle-0',
    ]);
    expect(manifest.tables.animals?.rows).to.equal(5);
  });

  it('deletes what it replaced when nobody reads it any more, and not before', async () => {
    await stageMany(catalog, 8);
    await compact(catalog);
    const all = await filesOf(catalog);
    await upkeepOf(catalog).tidy();
    expect(await filesOf(catalog)).to.deep.equal(all);
    await upkeepOf(catalog, 2 * minute).tidy();
    const { live, retired } = await catalog.staged.standings();
    expect([live.length, retired.length]).to.deep.equal([1, 0]);
    expect((await filesOf(catalog)).every((key) => key.includes(live[0] ?? ''))).to.equal(true);
  });

  it('keeps what it replaced while the store has not got the replacement', async () => {
    await stageMany(catalog, 8);
    await compact(catalog);
    const fresh = await openTestCatalog(zoo, limits, catalog);
    const all = await filesOf(catalog);
    await upkeepOf(fresh, 2 * minute).tidy();
    expect(await filesOf(catalog)).to.deep.equal(all);
    await fresh.close();
  });

  it('does not load a batch again that was replaced, though a late pointer names it', async () => {
    await stageMany(catalog, 8);
    const [first = ''] = (await catalog.staged.standings()).live;
    await compact(catalog);
    const commit = await catalog.store.number('SELECT max(loaded) FROM batches');
    await catalog.load([first]);
    expect(await catalog.store.number('SELECT max(loaded) FROM batches')).to.equal(commit);
  });

  it('goes on without a batch that was damaged since it was loaded', async () => {
    await stageMany(catalog, 9);
    const before = await cages(catalog);
    const [first = ''] = (await catalog.staged.standings()).live;
    await catalog.objects.put(`${testCatalog}/animals/${first}.parquet`, Buffer.from('damaged'));
    await compact(catalog);
    const { live } = await catalog.staged.standings();
    expect(live).to.include(first);
    expect(live.length).to.equal(2);
    expect((await catalog.deadLetters.list({})).letters.map(({ reason }) => reason)).to.deep.equal(['batch_damaged']);
    expect(await cages(catalog)).to.deep.equal(before);
  });
});

describe('Removing a source', () => {
  it('leaves what there is without it, also in a store that is made of what is left', async function () {
    this.timeout(3_600_000);
    const some = fc.array(worlds(zoo), { minLength: 8, maxLength: 8, size: 'max' });
    await fc.assert(
      fc.asyncProperty(some, fc.nat(), async (all, at) => {
        const world = united(all, { entities: 'shared' });
        const [before, after] = [world.slice(0, at % world.length), world.slice(at % world.length)];
        const catalog = await openTestCatalog(zoo, limits);
        const plain = await openTestCatalog(zoo, limits);
        try {
          await arrive(catalog, before);
          if (at % 2 === 0) await compact(catalog);
          await upkeepOf(catalog).remove(testSource.id);
          await later();
          await arrive(catalog, after);
          await upkeepOf(catalog, minute).tidy();
          await arrive(plain, [...before.filter(({ fqid }) => fqid.source.id !== testSource.id), ...after]);
          const expected = [await contents(plain), await documentsOf(plain)];
          expect([await contents(catalog), await documentsOf(catalog)]).to.deep.equal(expected);
          const fresh = await openTestCatalog(zoo, limits, catalog);
          await fresh.load(await fresh.staged.unloaded());
          expect([await contents(fresh), await documentsOf(fresh)]).to.deep.equal(expected);
          await fresh.close();
        } finally {
          await Promise.all([catalog.close(), plain.close()]);
        }
      }),
      { numRuns: numRuns(40), seed: seed(), endOnFailure: true },
    );
  });

  it('is refused while a run stages the repository anew', async () => {
    const catalog = await openTestCatalog(zoo, limits);
    const refused = async (cut: Cut) =>
      await Promise.resolve()
        .then(() => upkeepOf(catalog, 0, cut).remove(testSource.id))
        .then(
          () => 'accepted',
          ({ code }: { readonly code: string }) => code,
        );
    expect([await refused('unknown'), await refused(1), await refused(null)]).to.deep.equal([
      'conflict',
      'conflict',
      'accepted',
    ]);
    await catalog.close();
  });

  it('touches what it had a part in, and nothing else', async () => {
    const catalog = await openTestCatalog(zoo, limits);
    await catalog.add([
      add({ version: '1', cages: { a: [{ id: 'x' }], b: [{ id: 'y' }] } }),
      add({ source: otherSource, version: '1', cages: { b: [{ id: 'y' }], c: [{ id: 'z' }] } }),
    ]);
    await catalog.store.run('DELETE FROM outbox');
    const upkeep = upkeepOf(catalog);
    await upkeep.remove(testSource.id);
    await upkeep.tidy();
    const touched = await catalog.store.rows('SELECT entity_id FROM outbox ORDER BY entity_id');
    expect(touched.map((row) => row.entity_id)).to.deep.equal(['a', 'b']);
    expect(Object.keys(await cages(catalog))).to.deep.equal(['b', 'c']);
    await catalog.close();
  });
});

describe('Removing a source that is in many batches', () => {
  it('has the store forget it once, whatever number of batches are written again, and whatever the clock says', async () => {
    const catalog = await openTestCatalog(zoo, limits);
    for (let i = 0; i < 5; i++)
      await catalog.add([
        add({ uuid: `${i}`, version: '1', cages: { a: [{ id: `${i}` }] } }),
        add({ uuid: `${i}`, source: otherSource, version: '1', cages: { b: [{ id: `${i}` }] } }),
      ]);
    const loads: (readonly string[])[] = [];
    const { loading } = catalog;
    const loadAll: Loading['loadAll'] = (batches) => {
      loads.push(batches);
      return loading.loadAll(batches);
    };
    const { staged } = loading;
    const noted = { staged, loadAll, batchesOf: loading.batchesOf.bind(loading) };
    const eachAlone = 1;
    const removals = new Removals(aheadOf(catalog, -60 * minute), noted, eachAlone);
    await removals.want(testSource.id);
    await removals.doAll();
    const { live } = await catalog.staged.standings();
    expect(loads).to.deep.equal([live]);
    expect(live.length).to.equal(5);
    expect(Object.keys(await cages(catalog))).to.deep.equal(['b']);
    await catalog.close();
  });
});

describe('A store from before batches were replaced, and their replacements in turn', () => {
  it('is emptied, for nobody can say any more what became of its batches', async () => {
    const catalog = await openTestCatalog(zoo, limits);
    const older = await openTestCatalog(zoo, limits, catalog);
    for (let i = 0; i < 8; i++)
      await catalog.add([add({ uuid: `${i}`, version: '1', cages: { a: [{ id: `${i}` }] } })]);
    await older.load(await older.staged.unloaded());
    await compact(catalog);
    expect(await older.loading.emptyIfLost()).to.equal(false);
    const upkeep = upkeepOf(catalog, 2 * minute);
    await upkeep.remove('any');
    await upkeep.tidy();
    const [compacted = ''] = (await catalog.staged.standings()).live;
    await catalog.objects.delete(manifestKey(testCatalog, compacted));
    expect(await older.loading.emptyIfLost()).to.equal(true);
    expect(await contents(older)).to.satisfy((rows: { n: number }[]) => rows.every(({ n }) => n === 0));
    await Promise.all([older.close(), catalog.close()]);
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { type Manifest, manifestKey } from '../../ingest/layout.ts';
import { noFaults } from '../../streams/ports.ts';
import { Compactor } from '../../transform/compaction/compactor.ts';
import { nextMerge, type SizedBatch } from '../../transform/compaction/plan.ts';
import { numRuns, seed } from '../property.ts';
import { add, cages, remove } from './cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from './computed.ts';
import { notification, united, type World, worlds } from './worlds.ts';
import { zoo } from './zoo.ts';

const limits = { memoryBytes: 400 * 2 ** 20, threads: 1 };
const minute = 60_000;

/** A compactor of a catalog, whose clock is ahead of that of whoever staged. */
function compactorOf(catalog: TestCatalog, ahead = 0): Compactor {
  const { store, objects, loading, load } = catalog;
  const clock = { now: () => Date.now() + ahead, sleep: async () => {} };
  return new Compactor({
    ...{ store, objects, loading, clock, plugin: zoo, catalog: testCatalog, fault: noFaults, retiredMillis: minute },
    load: (batch) => load([batch]),
  });
}

async function compact(catalog: TestCatalog): Promise<void> {
  const compactor = compactorOf(catalog);
  while (await compactor.step());
}

/** Stages every happening of a world in a batch of its own, and loads them. */
async function arrive(catalog: TestCatalog, world: World): Promise<void> {
  const staged: string[] = [];
  for (const happening of world) staged.push(await catalog.stage([notification(happening)]));
  for (let i = 0; i < staged.length; i += 64) await catalog.load(staged.slice(i, i + 64));
}

/** What the store holds, whatever its keys are and whichever copies were staged twice. */
async function contents(catalog: TestCatalog): Promise<unknown> {
  const tables = ['bundles', 'deletions', 'restores', 'entities', 'members', 'row_ids', 'animals'];
  const counts = tables.map((table) => `SELECT '${table}' AS t, count(*)::INTEGER AS n FROM ${table}`);
  return catalog.store.rows(`${counts.join(' UNION ALL ')} ORDER BY t`);
}

async function filesOf(catalog: TestCatalog): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of catalog.objects.list(`${testCatalog}/`)) keys.push(key);
  return keys;
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
          await compactorOf(catalog, 2 * minute).deleteRetired();
          const fresh = await openTestCatalog(zoo, limits, catalog);
          await fresh.load(await fresh.loading.unloaded());
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

  async function stageMany(count: number): Promise<void> {
    for (let i = 0; i < count; i++)
      await catalog.add([add({ uuid: `bundle-${i % 5}`, version: '1', cages: { a: [{ id: `${i % 5}` }] } })]);
  }

  it('leaves few batches, keeps a copy that was staged often once, and names what it replaces', async () => {
    await stageMany(9);
    await catalog.add([remove({ uuid: 'bundle-0', version: '1' })]);
    const before = (await catalog.loading.snapshot()).live;
    await compact(catalog);
    const { live, retired } = await catalog.loading.snapshot();
    expect(live.length).to.equal(1);
    expect([...retired]).to.deep.equal(before.map((batch) => [batch, live[0]]));
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
    await stageMany(8);
    await compact(catalog);
    const all = await filesOf(catalog);
    await compactorOf(catalog).deleteRetired();
    expect(await filesOf(catalog)).to.deep.equal(all);
    await compactorOf(catalog, 2 * minute).deleteRetired();
    const { live, retired } = await catalog.loading.snapshot();
    expect([live.length, retired.size]).to.deep.equal([1, 0]);
    expect((await filesOf(catalog)).every((key) => key.includes(live[0] ?? ''))).to.equal(true);
  });

  it('keeps what it replaced while the store has not got the replacement', async () => {
    await stageMany(8);
    await compact(catalog);
    const fresh = await openTestCatalog(zoo, limits, catalog);
    const all = await filesOf(catalog);
    await compactorOf(fresh, 2 * minute).deleteRetired();
    expect(await filesOf(catalog)).to.deep.equal(all);
    await fresh.close();
  });

  it('does not load a batch again that was replaced, though a late pointer names it', async () => {
    await stageMany(8);
    const [first = ''] = (await catalog.loading.snapshot()).live;
    await compact(catalog);
    await catalog.loading.snapshot();
    const commit = await catalog.store.number('SELECT max(loaded) FROM batches');
    await catalog.load([first]);
    expect(await catalog.store.number('SELECT max(loaded) FROM batches')).to.equal(commit);
  });

  it('goes on without a batch that was damaged since it was loaded', async () => {
    await stageMany(9);
    const before = await cages(catalog);
    const [first = ''] = (await catalog.loading.snapshot()).live;
    await catalog.objects.put(`${testCatalog}/animals/${first}.parquet`, Buffer.from('damaged'));
    await compact(catalog);
    const { live } = await catalog.loading.snapshot();
    expect(live).to.include(first);
    expect(live.length).to.equal(2);
    expect((await catalog.deadLetters.list({})).letters.map(({ reason }) => reason)).to.deep.equal(['batch_damaged']);
    expect(await cages(catalog)).to.deep.equal(before);
  });
});

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

import { expect } from 'chai';
import type { BucketItem, BuiltBucket } from '../../core/control/building.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { Workbench } from '../../transform/builders/workbench.ts';
import { Sharing } from '../../transform/building/sharing.ts';
import { Documents } from '../../transform/computing/documents.ts';
import { Copies } from '../../transform/copies/copies.ts';
import { Generations } from '../../transform/generations/generations.ts';
import { notedDocuments } from '../../transform/generations/ledger.ts';
import { SnapshotPublisher } from '../../transform/snapshots/publisher.ts';
import { Commits } from '../../transform/store/commits.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';
import { openTestCatalog, type TestCatalog, wantAll } from '../rigs/transform/computed.ts';
import { cage, cageNumber, published } from './publishing.ts';

const generation = 1;
const never = new AbortController().signal;
const limits = { memoryBytes: 200 * 2 ** 20, threads: 1 };

/** A file of rows, as far as a report describes it. */
const file = { entityType: cageNumber, rows: 1, bytes: 1, sha256: '0'.repeat(64), hashes: '1' };

/** A build of a few cages, planned, and shared with builders. */
async function shared(catalog: TestCatalog) {
  const { store } = catalog;
  const context = { ...catalog.context, limits: { ...catalog.context.limits, bucketLinks: 8 } };
  const commits = new Commits(store);
  const generations = new Generations(context);
  const snapshots = new SnapshotPublisher(context);
  const documents = new Documents(store, published, context.limits);
  const copies = new Copies(context, commits, { number: null });
  await store.transaction(async () => {
    await generations.plan.make();
    await store.run('DELETE FROM outbox');
  });
  const written: number[] = [];
  const parts = { context, commits, generations, documents, snapshots, copies };
  const sharing = new Sharing(parts, generation, never, ({ number }) => void written.push(number));
  sharing.handout.fill(await generations.plan.remaining());
  await sharing.share(1, async () => undefined);
  return { sharing, written, context, snapshots };
}

type Shared = Awaited<ReturnType<typeof shared>>;

/** What a builder makes of a bucket, but that nothing is sent to a search cluster. */
async function built({ context }: Shared, item: BucketItem, folder: string): Promise<BuiltBucket> {
  const { store: _store, epoch: _epoch, ...own } = context;
  const bench = await Workbench.open({ ...own, logger: noLogger }, item, `${folder}/copy`, limits);
  if (bench === null) throw new Error('It can not be opened');
  try {
    return await bench.finish(await bench.compute(item, never), []);
  } finally {
    await bench.close();
  }
}

describe('What builders report', function () {
  this.timeout(60_000);
  let catalog: TestCatalog;
  let world: Shared;
  let item: BucketItem;
  beforeEach(async () => {
    catalog = await openTestCatalog(published, limits);
    await catalog.add([cage('b1', '1', ['x', 'y', 'z']), cage('b2', '1', ['v', 'w', 'x'])]);
    world = await shared(catalog);
    item = taken();
  });
  afterEach(() => catalog.close());

  function taken(): BucketItem {
    const next = world.sharing.take('a');
    if (next === null) throw new Error('Nothing is left');
    return next;
  }

  const note = (of: BucketItem['of'], what: BuiltBucket | null, failure: string | null = null) =>
    world.sharing.note({ builder: 'a', of, built: what, failure }).then(
      () => null,
      (error: Error) => error.message,
    );
  const ledger = () => catalog.store.rows('SELECT entity_type, entity_id, hash FROM ledger ORDER BY ALL');

  it('enters the ledger as the owner would have it, and the files of the snapshot, once', async () => {
    await using folder = await temporaryFolder();
    // A load has touched it, and it was written: it is no longer in the plan.
    const [touched] = await catalog.store.rows("DELETE FROM unbuilt WHERE entity_id = 'x' RETURNING *");
    for (let next: BucketItem | null = item; next !== null; next = world.sharing.take('a')) {
      const result = await built(world, next, folder.path);
      expect(await note(next.of, result)).to.equal(null);
      expect(await note(next.of, result), 'again').to.match(/not to be built by builders any more/);
    }
    await catalog.store.run(wantAll);
    const own = new Documents(catalog.store, published, world.context.limits);
    await own.compute();
    const all = await catalog.store.rows(`SELECT * FROM (${notedDocuments}) ORDER BY ALL`);
    expect(touched).to.include({ entity_id: 'x' });
    expect(await ledger()).to.deep.equal(all.filter(({ entity_id }) => entity_id !== 'x'));
    expect(world.written.length).to.be.greaterThan(1);
    expect(await catalog.store.number('SELECT sum(rows) FROM snapshot_files')).to.equal(5);
    await world.sharing.end();
    const left: string[] = [];
    for (const prefix of ['_building/', '_copies/'])
      for await (const key of catalog.objects.list(prefix)) left.push(key);
    expect(left).to.deep.equal([]);
  });

  it('must have all documents that are still in the plan', async () => {
    await using folder = await temporaryFolder();
    const result = await built(world, item, folder.path);
    await catalog.store.run(
      `UPDATE unbuilt SET entity_id = 'another' WHERE rowid = (SELECT min(rowid) FROM unbuilt WHERE (several, part) = (SELECT (several, part) FROM buckets WHERE bucket = ${item.of.bucket}))`,
    );
    expect(await note(item.of, result)).to.match(/lacks 1 documents/);
    expect(await ledger(), 'nothing counts').to.deep.equal([]);
    expect(world.sharing.handout.next(), 'the owner builds it').to.include({ number: item.of.bucket });
  });

  it('is refused where it is of another epoch, copy or generation, or damaged', async () => {
    await using folder = await temporaryFolder();
    const result = await built(world, item, folder.path);
    for (const other of [{ epoch: 2 }, { commit: item.of.commit - 1 }, { generation: 2 }, { bucket: 77 }])
      expect(await note({ ...item.of, ...other }, result)).to.match(/not to be built by builders any more/);
    await catalog.objects.put(result.hashes.key, Buffer.from('something else'));
    expect(await note(item.of, result)).to.match(/has other bytes than it should/);
    expect(await ledger()).to.deep.equal([]);
    expect(world.written).to.deep.equal([]);
  });

  it('may not name objects of other builds, nor other files of snapshots', async () => {
    await using folder = await temporaryFolder();
    const result = await built(world, item, folder.path);
    const hashes = { ...result.hashes, key: `_building/test/1-2/x.parquet` };
    expect(await note(item.of, { ...result, hashes })).to.match(/is not of that build/);
    const next = taken();
    const rows = [{ ...file, key: 'test/snapshots/files/1-77-cages-1.parquet' }];
    expect(await note(next.of, { ...result, rows })).to.match(/is no file of rows of that bucket/);
  });

  it('can be that it failed: the owner builds that bucket', async () => {
    expect(await note(item.of, null, 'a statement fails')).to.equal(null);
    expect(world.sharing.handout.next()).to.include({ number: item.of.bucket });
  });

  it('is nothing where the builder is of another version', async () => {
    await using folder = await temporaryFolder();
    const { store: _store, epoch: _epoch, ...own } = world.context;
    const other = { ...own, plugin: { ...published, version: published.version + 1 } };
    expect(await Workbench.open(other, item, `${folder.path}/copy`, limits)).to.equal(null);
  });
});

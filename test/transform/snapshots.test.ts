import { expect } from 'chai';
import { texts } from '../../core/duckdb/sql.ts';
import { type DocumentSnapshot, type Snapshots, snapshotsFolder } from '../../core/exports/snapshots.ts';
import { SnapshotPublisher } from '../../transform/snapshots/publisher.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import { cage, cageNumber, Publishing } from './publishing.ts';

describe('Document snapshots', function () {
  this.timeout(60_000);
  let rig: Publishing;
  let catalog: TestCatalog;
  let snapshots: Snapshots;
  beforeEach(async () => {
    rig = await Publishing.open();
    ({ catalog, snapshots } = rig);
  });
  afterEach(() => catalog.close());

  const publisherOf = (epoch?: number) => rig.publisher(epoch);
  const computeAll: Publishing['computeAll'] = (...of) => rig.computeAll(...of);
  const newest = () => rig.newest();
  const read: Publishing['read'] = (snapshot) => rig.read(snapshot);
  const expectTrue = () => rig.expectTrue();
  const publishedBy = async (publisher: SnapshotPublisher, version: string) => {
    await catalog.add([cage('b1', version, ['x'])]);
    await publisher.step(false, await computeAll(publisher));
    return newest();
  };

  it('are not published before a generation is whole', async () => {
    const publisher = publisherOf();
    await catalog.add([cage('b1', '1', ['x', 'y'])]);
    await computeAll(publisher);
    expect(await publisher.step(false, 1)).to.equal(false);
    expect(await snapshots.newest()).to.equal(null);
    await publisher.noteBuilt(1);
    await publisher.step(false, 1);
    await expectTrue();
  });

  it('have the newest of what was written, and nothing of what has vanished', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x', 'y']), cage('b2', '1', ['z'])]);
    await computeAll(publisher);
    await publisher.step(false, 1);
    const first = await newest();
    rig.now += 60_000;
    await catalog.add([cage('b1', '2', ['x'])]);
    await computeAll(publisher, ['y']);
    await catalog.add([cage('b2', '2', ['z'])]);
    await computeAll(publisher);
    await publisher.step(false, 3);
    await expectTrue();
    expect([...(await read(await newest())).keys()].sort()).to.deep.equal(['x', 'z']);
    expect([...(await read(first)).keys()].sort(), 'the one before stays as it was').to.deep.equal(['x', 'y', 'z']);
  });

  it('take the base of a build, in the place of what is older', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x', 'y', 'z'])]);
    await computeAll(publisher);
    await publisher.step(false, 1);
    rig.now += 60_000;
    const commit = await computeAll(publisher);
    const files = await publisher.buckets.keep(await publisher.buckets.write(0, commit), [
      { entityType: cageNumber, entityId: 'y' },
    ]);
    await catalog.store.transaction(() => publisher.noteBucket(2, files));
    await publisher.noteBuilt(2);
    await publisher.step(false, commit);
    const { types } = await newest();
    expect(
      types.cages?.base.map(({ rows }) => rows),
      'without the one that the index has refused',
    ).to.deep.equal([2]);
    rig.now += 60_000;
    await computeAll(publisher);
    await publisher.step(false, commit + 1);
    await expectTrue();
  });

  it('have what was written between the plan of a build and its first bucket', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x', 'y'])]);
    const planned = await computeAll(publisher);
    await publisher.noteBegun(2, planned);
    await catalog.add([cage('b2', '1', ['z'])]);
    await computeAll(publisher);
    await publisher.step(false, planned + 1);
    const commit = await computeAll(publisher);
    await catalog.store.run(`DELETE FROM snapshot_rows WHERE "commit" = ${commit}`);
    const files = await publisher.buckets.keep(await publisher.buckets.write(0, commit), [
      { entityType: cageNumber, entityId: 'z' },
    ]);
    await catalog.store.transaction(() => publisher.noteBucket(2, files));
    await publisher.noteBuilt(2);
    rig.now += 60_000;
    await publisher.step(false, commit);
    await expectTrue();
  });

  it('are merged when there is much beside the base, and lose nothing where that fails and is tried again', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    const { store } = catalog;
    const run = store.run.bind(store);
    let failures = 0;
    store.run = (sql) =>
      sql.includes('rewritten') && ++failures === 1 ? Promise.reject(new Error('No room.')) : run(sql);
    const step = (round: number) =>
      publisher.step(false, round).catch(({ message }: Error) => {
        expect(message).to.equal('No room.');
        return true;
      });
    for (let round = 1; round <= 35; round++) {
      await catalog.add([cage('b1', String(round + 10), ['x', `y${round}`])]);
      await computeAll(publisher, [`y${round - 1}`]);
      rig.now += 60_000;
      while (await step(round));
    }
    rig.now += 60_000;
    while (await step(35));
    expect(failures).to.be.above(1);
    expect((await newest()).types.cages?.deltas.length).to.be.lessThan(31);
    await expectTrue();
  });

  it('keep files for a day, and as long as somebody has claimed them', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    const publish = (version: string) => publishedBy(publisher, version);
    const first = await publish('1');
    rig.now += 60_000;
    await publish('2');
    await snapshots.claim(first.number, 'a job', rig.now);
    rig.now += 25 * 60 * 60_000;
    await publish('3');
    expect(await snapshots.numbers()).to.deep.equal([1, 3]);
    expect((await read(first)).size).to.equal(1);
    await snapshots.release(first.number, 'a job');
    rig.now += 60_000;
    await publish('4');
    expect(await snapshots.numbers()).to.deep.equal([3, 4]);
    await expectTrue();
  });

  it('that are damaged, and claims that are, hold nothing up: readers take the one before, until there is another one', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    const publish = (version: string, by = publisher) => publishedBy(by, version);
    const first = await publish('1');
    rig.now += 60_000;
    await publish('2');
    await snapshots.claim(1, 'a job', rig.now);
    for await (const key of catalog.objects.list(snapshotsFolder(testCatalog)))
      if (key.endsWith('/00000002.json') || key.endsWith('/a job'))
        await catalog.objects.put(key, Buffer.from('{"laz'));
    expect(await newest()).to.deep.equal(first);
    rig.now += 60_000;
    await publish('3', publisherOf());
    expect(await snapshots.numbers()).to.deep.equal([1, 3]);
    await expectTrue();
  });

  it('of a worker that was replaced do not count beside those of the one that replaced it', async () => {
    const publisher = publisherOf(2);
    await publisher.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x'])]);
    await publisher.step(false, await computeAll(publisher));
    const last = await newest();
    await snapshots.publish({ ...last, epoch: 1, types: {} } as DocumentSnapshot);
    expect(await newest()).to.deep.equal(last);
  });

  it('have nothing of documents that the index has refused, but what it had before', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x', 'y'])]);
    await computeAll(publisher);
    const before = await rig.truth();
    await catalog.add([cage('b1', '2', ['x', 'y'])]);
    await computeAll(publisher);
    await publisher.noteRefused([{ entityType: cageNumber, entityId: 'x' }]);
    await publisher.step(false, 2);
    const found = await read(await newest());
    expect(found.get('x')).to.deep.equal(before.get('x'));
    expect(found.get('y')).to.deep.equal((await rig.truth()).get('y'));
  });

  it('go on after a crash, and begin anew where files are gone', async () => {
    const first = publisherOf();
    await first.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x'])]);
    await computeAll(first);
    await first.step(false, 1);
    await catalog.add([cage('b1', '2', ['x'])]);
    await computeAll(first);
    const second = publisherOf(1);
    expect(await second.take('this')).to.equal('this');
    rig.now += 60_000;
    await second.step(false, 2);
    await expectTrue();
    for await (const key of snapshots.files()) await catalog.objects.delete(key);
    expect(await publisherOf(1).take('copied')).to.equal('another');
  });

  it('have nothing of what was removed, in no file, whoever reads an older one', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x', 'y'])]);
    await publisher.step(false, await computeAll(publisher));
    const first = await newest();
    await snapshots.claim(first.number, 'a job', rig.now);
    await catalog.add([cage('b1', '2', ['x'])]);
    await publisher.noteRemoved();
    await computeAll(publisher, ['y']);
    for (let step = 0; step < 4; step++) {
      rig.now += 60_000;
      while (await publisher.step(false, 2));
    }
    expect(await snapshots.get(first.number)).to.equal(null);
    const keys: string[] = [];
    for await (const key of snapshots.files()) keys.push(key);
    const paths = await Promise.all(keys.map((key) => catalog.objects.localPath(key)));
    const left = await catalog.store.rows(`SELECT DISTINCT entity_id FROM read_parquet(${texts(paths)})`);
    expect(left.map(({ entity_id }) => entity_id)).to.deep.equal(['x']);
    await expectTrue();
  });

  it('of nothing are none', async () => {
    const publisher = new SnapshotPublisher({ ...catalog.context, plugin: zoo, clock: rig.clock });
    await publisher.noteBuilt(1);
    expect(await publisher.step(false, 1)).to.equal(false);
    expect(publisher.restLeft()).to.equal(null);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { everything } from '../../core/documents/filter.ts';
import { texts } from '../../core/duckdb/sql.ts';
import { type DocumentSnapshot, Snapshots } from '../../core/exports/snapshots.ts';
import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { Selection } from '../../exports/selection/selection.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { Documents } from '../../transform/computing/documents.ts';
import { SnapshotPublisher } from '../../transform/snapshots/publisher.ts';
import { Commits } from '../../transform/store/commits.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';

const { manifests: shape } = hca;
if (shape === undefined) throw new TypeError('hca has manifests');
/** Cages are published. */
const published: MetadataPlugin = { ...zoo, manifests: { ...shape, entityType: 'cages' } };
const cageNumber = Object.keys(zoo.entityTypes).indexOf('cages');

const cage = (uuid: string, version: string, names: readonly string[]) =>
  add({
    uuid,
    version,
    cages: Object.fromEntries(
      names.map((name) => [name, [{ id: `animal of ${name}`, values: { name: `${uuid} ${version}` } }]]),
    ),
  });

type Members = Readonly<Record<string, Json>>;

describe('Document snapshots', function () {
  this.timeout(60_000);
  let catalog: TestCatalog;
  let snapshots: Snapshots;
  let now: number;
  beforeEach(async () => {
    catalog = await openTestCatalog(published);
    snapshots = new Snapshots(catalog.objects, testCatalog);
    now = Date.parse('2026-01-01T00:00:00Z');
  });
  afterEach(() => catalog.close());

  const clock: Clock = { now: () => now, sleep: async () => undefined };
  const publisherOf = (epoch = 1) => new SnapshotPublisher({ ...catalog.context, clock, epoch });

  /** Computes all cages, and has the publisher note them. */
  async function computeAll(publisher: SnapshotPublisher, gone: readonly string[] = []): Promise<number> {
    const { store } = catalog;
    const documents = new Documents(store, published, { documentBytes: 2 ** 25, bulkBytes: 2 ** 23 });
    const commits = new Commits(store);
    await commits.read();
    return store.transaction(async () => {
      const commit = await commits.next();
      const ids = gone.map((id) => `UNION SELECT ${cageNumber}::TINYINT, '${id}'`).join(' ');
      await store.run(`CREATE OR REPLACE TEMP TABLE wanted AS SELECT (row_number() OVER () - 1)::INTEGER AS doc, entity_type, entity_id
        FROM (SELECT DISTINCT entity_type, entity_id FROM entities WHERE entity_type = ${cageNumber} ${ids})`);
      await documents.compute();
      await publisher.noteComputed(commit);
      return commit;
    });
  }

  async function newest(): Promise<DocumentSnapshot> {
    const snapshot = await snapshots.newest();
    if (snapshot === null) throw new Error('Nothing is published');
    return snapshot;
  }

  /** The documents of a snapshot, by id. */
  async function read(snapshot: DocumentSnapshot): Promise<ReadonlyMap<string, Members>> {
    const temporary = mkdtempSync(join(tmpdir(), 'lazuli-'));
    const limits = { memoryBytes: 2 ** 28, temporaryBytes: 2 ** 28, threads: 1 };
    const selection = await Selection.open({
      ...{ objects: catalog.objects, catalog: testCatalog, plugin: published, entityType: 'cages', snapshot },
      ...{ filter: everything, temporary, limits },
    });
    try {
      const found = new Map<string, Members>();
      for await (const rows of selection.stream('SELECT entity_id, body FROM selected'))
        for (const { entity_id, body } of rows) found.set(String(entity_id), JSON.parse(String(body)));
      expect(found.size).to.equal(selection.rows);
      return found;
    } finally {
      await selection.close();
      rmSync(temporary, { recursive: true, force: true });
    }
  }

  /** As they must be: what the store says now. */
  async function truth(): Promise<ReadonlyMap<string, Members>> {
    const sources = [...(await catalog.sources())].filter(([key]) => key.startsWith('cages/'));
    return new Map(sources.map(([key, { _hash, ...document }]) => [key.slice('cages/'.length), document]));
  }

  const sorted = (documents: ReadonlyMap<string, Members>) => [...documents].sort(([a], [b]) => (a < b ? -1 : 1));
  const expectTrue = async () => expect(sorted(await read(await newest()))).to.deep.equal(sorted(await truth()));

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
    now += 60_000;
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
    now += 60_000;
    const commit = await computeAll(publisher);
    const files = await publisher.keepBucket(await publisher.writeBucket(0, commit), [
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
    now += 60_000;
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
    const files = await publisher.keepBucket(await publisher.writeBucket(0, commit), [
      { entityType: cageNumber, entityId: 'z' },
    ]);
    await catalog.store.transaction(() => publisher.noteBucket(2, files));
    await publisher.noteBuilt(2);
    now += 60_000;
    await publisher.step(false, commit);
    await expectTrue();
  });

  it('are merged when there is much beside the base', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    for (let round = 1; round <= 35; round++) {
      await catalog.add([cage('b1', String(round + 10), ['x', `y${round}`])]);
      await computeAll(publisher, [`y${round - 1}`]);
      now += 60_000;
      while (await publisher.step(false, round));
    }
    now += 60_000;
    while (await publisher.step(false, 35));
    expect((await newest()).types.cages?.deltas.length).to.be.lessThan(31);
    await expectTrue();
  });

  it('keep files for a day, and as long as somebody has claimed them', async () => {
    const publisher = publisherOf();
    await publisher.noteBuilt(1);
    const publish = async (version: string) => {
      await catalog.add([cage('b1', version, ['x'])]);
      await publisher.step(false, await computeAll(publisher));
      return newest();
    };
    const first = await publish('1');
    now += 60_000;
    await publish('2');
    await snapshots.claim(first.number, 'a job', now);
    now += 25 * 60 * 60_000;
    await publish('3');
    expect(await snapshots.numbers()).to.deep.equal([1, 3]);
    expect((await read(first)).size).to.equal(1);
    await snapshots.release(first.number, 'a job');
    now += 60_000;
    await publish('4');
    expect(await snapshots.numbers()).to.deep.equal([3, 4]);
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
    const before = await truth();
    await catalog.add([cage('b1', '2', ['x', 'y'])]);
    await computeAll(publisher);
    await publisher.noteRefused([{ entityType: cageNumber, entityId: 'x' }]);
    await publisher.step(false, 2);
    const found = await read(await newest());
    expect(found.get('x')).to.deep.equal(before.get('x'));
    expect(found.get('y')).to.deep.equal((await truth()).get('y'));
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
    now += 60_000;
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
    await snapshots.claim(first.number, 'a job', now);
    await catalog.add([cage('b1', '2', ['x'])]);
    await publisher.noteRemoved();
    await computeAll(publisher, ['y']);
    for (let step = 0; step < 4; step++) {
      now += 60_000;
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
    const publisher = new SnapshotPublisher({ ...catalog.context, plugin: zoo, clock });
    await publisher.noteBuilt(1);
    expect(await publisher.step(false, 1)).to.equal(false);
    expect(publisher.restLeft()).to.equal(null);
  });
});

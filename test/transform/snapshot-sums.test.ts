import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { Ledger } from '../../transform/generations/ledger.ts';
import type { SnapshotPublisher } from '../../transform/snapshots/publisher.ts';
import { compareSnapshot } from '../../transform/verification/snapshot-sums.ts';
import { storedSums } from '../../transform/verification/sums.ts';
import type { TestCatalog } from '../rigs/transform/computed.ts';
import { testSource } from '../rigs/transform/staging.ts';
import { cage, Publishing } from './publishing.ts';

const agreed = { files: [], differences: [] };

describe('Document snapshots, compared with the ledger,', function () {
  this.timeout(60_000);
  let rig: Publishing;
  let catalog: TestCatalog;
  beforeEach(async () => {
    rig = await Publishing.open();
    ({ catalog } = rig);
  });
  afterEach(() => catalog.close());

  /** Computes all cages, as a worker would that writes to a generation: the ledger says what it must hold. */
  async function write(
    publisher: SnapshotPublisher,
    generation: number,
    gone: readonly string[] = [],
  ): Promise<number> {
    const commit = await rig.computeAll(publisher, gone);
    await new Ledger(catalog.store).note([generation], commit);
    return commit;
  }

  /** How what a generation's snapshot has differs from what the ledger says. */
  async function found(publisher: SnapshotPublisher, generation: number) {
    const expected = await storedSums(catalog.context, [], generation);
    return compareSnapshot(catalog.context, [], expected, await publisher.contents(generation));
  }

  /** A build of one bucket. */
  async function build(publisher: SnapshotPublisher, generation: number): Promise<void> {
    await publisher.prepareBase();
    const commit = await write(publisher, generation);
    await catalog.store.run('DELETE FROM snapshot_rows');
    const files = await publisher.buckets.keep(await publisher.buckets.write(0, commit), []);
    await catalog.store.transaction(() => publisher.noteBucket(generation, files));
    await publisher.noteBuilt(generation);
    await publisher.step(false, commit);
  }

  it('have what the ledger says; what is lost, or another one, is found', async () => {
    const publisher = rig.publisher();
    await publisher.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x', 'y']), { ...cage('b2', '1', ['x', 'z']) }]);
    await write(publisher, 1);
    await publisher.step(false, 1);
    await catalog.add([cage('b1', '2', ['x'])]);
    await write(publisher, 1, ['y']);
    expect(await found(publisher, 1)).to.deep.equal(agreed);
    expect(await publisher.contents(0), 'that of another base').to.equal(null);

    await catalog.add([cage('b1', '3', ['x'])]);
    await write(publisher, 1);
    await catalog.store.run(`DELETE FROM snapshot_rows WHERE entity_id = 'x'`);
    const { files, differences } = await found(publisher, 1);
    expect(files).to.deep.equal([]);
    const places = differences.map(({ entityType, source, store, snapshot }) => [
      ...[entityType, source, store.documents, snapshot.documents, store.hashes === snapshot.hashes],
    ]);
    expect(places, 'an older document').to.deep.equal([['cages', testSource.id, 2, 2, false]]);

    const { key = '' } = (await rig.newest()).types.cages?.deltas[0] ?? {};
    const path = await catalog.objects.localPath(key);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.with(bytes.length >> 1, 255 ^ Number(bytes[bytes.length >> 1])));
    expect(await found(publisher, 1)).to.deep.equal({ files: [key], differences: [] });
    rmSync(path);
    expect(await found(publisher, 1)).to.deep.equal({ files: [key], differences: [] });
  });

  it('tell of each file the sum of its hashes, and what its bytes are', async () => {
    const publisher = rig.publisher();
    await publisher.noteBuilt(1);
    await catalog.add([cage('b1', '1', ['x', 'y'])]);
    await publisher.step(false, await rig.computeAll(publisher, ['gone']));
    const [file] = (await rig.newest()).types.cages?.deltas ?? [];
    const bytes = await catalog.objects.get(file?.key ?? '');
    const { hashes } =
      (await catalog.store.rows('SELECT sum(hash)::VARCHAR AS hashes FROM computed WHERE body IS NOT NULL'))[0] ?? {};
    const sha256 = createHash('sha256')
      .update(bytes ?? '')
      .digest('hex');
    expect(file).to.deep.equal({ key: file?.key, rows: 3, bytes: bytes?.length, sha256, hashes });
  });

  it('lose nothing that is merged or removed while another base is made', async () => {
    const publisher = rig.publisher();
    await catalog.add([cage('b1', '1', ['x', 'y'])]);
    await build(publisher, 1);
    await publisher.prepareBase();
    const planned = await write(publisher, 2);
    await publisher.noteBegun(2, planned);
    await catalog.add([cage('b1', '2', ['x'])]);
    await publisher.noteRemoved();
    const commit = await write(publisher, 2, ['y']);
    for (let step = 0; step < 3; step++) {
      rig.now += 60_000;
      while (await publisher.step(false, commit));
    }
    await publisher.noteBuilt(2);
    rig.now += 60_000;
    while (await publisher.step(false, commit));
    expect(await found(publisher, 2)).to.deep.equal(agreed);
    await rig.expectTrue();
  });
});

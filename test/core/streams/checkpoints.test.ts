import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { CheckpointFolder } from '../../../core/streams/checkpoint-folder.ts';
import { ShardCheckpointer } from '../../../core/streams/checkpointer.ts';
import { shardEnd } from '../../../core/streams/checkpoints.ts';
import type { StreamRecord } from '../../../core/streams/processor.ts';
import { compareSequence } from '../../../core/streams/sequence.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

const stream = { name: 'lazuli-batches', created: 1_700_000_000_000 };
const shard = 'shardId-000000000000';

const record = (sequenceNumber: string, arrived = 0): StreamRecord => ({
  ...{ sequenceNumber, arrived, partitionKey: 'p', data: new Uint8Array() },
});

describe('Checkpoints', () => {
  it('are kept by stream and shard, in whole files', async () => {
    await using folder = await temporaryFolder();
    const store = new CheckpointFolder(folder.path);
    expect(await store.get(stream, shard)).to.equal(null);
    await store.put(stream, shard, '12');
    await store.put(stream, 'shardId-000000000001', shardEnd);
    expect(await new CheckpointFolder(folder.path).get(stream, shard)).to.equal('12');
    expect(await store.get(stream, 'shardId-000000000001')).to.equal(shardEnd);
    expect(await store.get({ ...stream, name: 'other' }, shard)).to.equal(null);
    const files = await readdir(join(folder.path, stream.name));
    expect(files.sort()).to.deep.equal([`${shard}.json`, 'shardId-000000000001.json']);
  });

  it('of another stream of the same name do not count', async () => {
    await using folder = await temporaryFolder();
    const store = new CheckpointFolder(folder.path);
    await store.put(stream, shard, '12');
    expect(await store.get({ ...stream, created: stream.created + 1000 }, shard)).to.equal(null);
  });

  it('that are damaged are reported with a remedy', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, stream.name));
    for (const content of ['', '{"stream":', '{"checkpoint":"12"}']) {
      await writeFile(join(folder.path, stream.name, `${shard}.json`), content);
      const error = await new CheckpointFolder(folder.path).get(stream, shard).catch((caught) => caught);
      expect(error).to.include({ code: 'staging_unavailable' });
      expect(error.remedy).to.match(/^Delete that file/);
    }
  });

  it('are not kept under names that leave the folder', async () => {
    await using folder = await temporaryFolder();
    const store = new CheckpointFolder(folder.path);
    for (const name of ['..', '.', '', 'a/b', '../x', 'a\0', 'x'.repeat(129)]) {
      for (const put of [
        store.put({ ...stream, name }, shard, '1'),
        store.put(stream, name, '1'),
        store.get(stream, name),
      ]) {
        expect(await put.catch((caught) => caught)).to.include({ code: 'configuration_invalid' });
      }
    }
    expect(await readdir(folder.path)).to.deep.equal([]);
  });

  it('only move on, whatever is checkpointed at the same time, and never over what was not handed over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 90, max: 110 }), { maxLength: 20 }), async (calls) => {
        await using folder = await temporaryFolder();
        const store = new CheckpointFolder(folder.path);
        const checkpointer = new ShardCheckpointer(store, stream, shard, '95');
        checkpointer.handedOver(Array.from({ length: 10 }, (_, i) => record(String(96 + i))));
        const outcomes = await Promise.allSettled(calls.map((call) => checkpointer.checkpoint(String(call))));
        expect(outcomes.map(({ status }) => status)).to.deep.equal(
          calls.map((n) => (n <= 105 ? 'fulfilled' : 'rejected')),
        );
        const furthest = Math.max(95, ...calls.filter((n) => n <= 105));
        expect(checkpointer.saved).to.equal(String(furthest));
        expect(checkpointer.pending).to.equal(105 - furthest);
        if (furthest > 95) expect(await store.get(stream, shard)).to.equal(String(furthest));
      }),
      { numRuns: numRuns(1000), seed: seed() },
    );
  });

  it("say that a shard is done only at its end, and nothing after the shard is another's", async () => {
    await using folder = await temporaryFolder();
    const store = new CheckpointFolder(folder.path);
    const checkpointer = new ShardCheckpointer(store, stream, shard, null);
    checkpointer.handedOver([record('1', 30), record('2', 20)]);
    expect(checkpointer.oldest).to.equal(20);
    expect(await checkpointer.checkpoint().catch((caught) => caught)).to.be.instanceOf(RangeError);
    checkpointer.endReached();
    await checkpointer.checkpoint('1');
    await checkpointer.checkpoint();
    await checkpointer.checkpoint('2');
    expect(checkpointer.oldest).to.equal(null);
    expect([checkpointer.saved, checkpointer.pending, await store.get(stream, shard)]).to.deep.equal([
      shardEnd,
      0,
      shardEnd,
    ]);
    await checkpointer.lose();
    expect(await checkpointer.checkpoint('2').catch((caught) => caught)).to.include({ code: 'lease_lost' });
  });

  it('are compared as the numbers that they are', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 186n }), fc.bigInt({ min: 0n, max: 2n ** 186n }), (a, b) => {
        const expected = a < b ? -1 : Number(a > b);
        expect(Math.sign(compareSequence(String(a), String(b)))).to.equal(expected);
      }),
      { numRuns: numRuns(5000), seed: seed() },
    );
  });
});

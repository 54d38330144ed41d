import { expect } from 'chai';
import fc from 'fast-check';
import { CheckpointFolder } from '../../../core/streams/checkpoint-folder.ts';
import { shardEnd } from '../../../core/streams/checkpoints.ts';
import type { Consumer } from '../../../core/streams/consumer.ts';
import { startConsumer } from '../../../core/streams/driver.ts';
import { putRecords } from '../../../core/streams/producer.ts';
import { readyShards } from '../../../core/streams/shards.ts';
import { ensureStream } from '../../../core/streams/stream.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import {
  mergeShards,
  recreateStream,
  shardIds,
  splitShard,
  startKinesis,
  type TestKinesis,
} from '../../rigs/streams/emulator.ts';
import { Recording, temporaryFolder } from '../../rigs/streams/recording.ts';
import { until } from '../../rigs/until.ts';
import { entries, numbers, quick, sorted } from '../storage/records.ts';

describe('Shards that come and go', () => {
  let kinesis: TestKinesis;
  before(async () => {
    kinesis = await startKinesis();
  });
  after(() => kinesis[Symbol.asyncDispose]());

  const consume = (stream: string, folder: string, recording: Recording): Consumer =>
    startConsumer({
      client: kinesis.client,
      stream,
      factory: recording.factory,
      checkpoints: new CheckpointFolder(folder),
      ...quick,
      recordsPerRead: 10,
    });

  it('are read after a split and a merge under load: nothing lost, nothing twice, parents first', async () => {
    await using folder = await temporaryFolder();
    const { client } = kinesis;
    const recording = new Recording();
    await ensureStream(client, 'resharded', 2);
    const consumer = consume('resharded', folder.path, recording);
    let put = 0;
    const load = async (until: () => boolean) => {
      while (!until()) {
        await putRecords(client, 'resharded', entries(put, put + 10));
        put += 10;
      }
    };
    let resharded = false;
    const loading = load(() => resharded && put > 300);
    const [first = '', second = ''] = await shardIds(client, 'resharded');
    await splitShard(client, 'resharded', first);
    const [, , left = '', right = ''] = await shardIds(client, 'resharded');
    await mergeShards(client, 'resharded', left, right);
    resharded = true;
    await loading;
    await until(() => recording.texts().length >= put);
    expect(sorted(recording.texts())).to.deep.equal(numbers(0, put));
    expectParentsFirst(recording, [first], [left, right]);
    const [merged = ''] = (await shardIds(client, 'resharded')).slice(4);
    expectParentsFirst(recording, [left, right], [merged]);
    await until(() => consumer.status().shards.filter(({ state }) => state === 'ended').length === 3);
    const states = consumer
      .status()
      .shards.map(({ shardId, state, checkpoint }) => [shardId, state, checkpoint === shardEnd]);
    expect(states).to.deep.equal([
      [first, 'ended', true],
      [second, 'running', false],
      [left, 'ended', true],
      [right, 'ended', true],
      [merged, 'running', false],
    ]);
    await consumer.stop();
  });

  it('are not read again after a restart', async () => {
    await using folder = await temporaryFolder();
    const { client } = kinesis;
    await ensureStream(client, 'drained', 1);
    await putRecords(client, 'drained', entries(0, 20));
    const [only = ''] = await shardIds(client, 'drained');
    await splitShard(client, 'drained', only);
    await putRecords(client, 'drained', entries(20, 40));
    const first = new Recording();
    const before = consume('drained', folder.path, first);
    await until(() => first.texts().length === 40);
    await before.stop();
    await putRecords(client, 'drained', entries(40, 50));
    const second = new Recording();
    const after = consume('drained', folder.path, second);
    await until(() => second.texts().length === 10);
    await after.stop();
    expect(sorted(second.texts())).to.deep.equal(numbers(40, 50));
    expect(second.events.filter(({ shardId }) => shardId === only)).to.deep.equal([]);
  });

  it('wait for a parent whose processor has not flushed', async () => {
    await using folder = await temporaryFolder();
    const { client } = kinesis;
    await ensureStream(client, 'blocked', 1);
    await putRecords(client, 'blocked', entries(0, 5));
    const [only = ''] = await shardIds(client, 'blocked');
    await splitShard(client, 'blocked', only);
    await putRecords(client, 'blocked', entries(5, 10));
    const recording = new Recording();
    const held = Promise.withResolvers<void>();
    recording.before = (_, shardId) => (shardId === only ? held.promise : undefined);
    const consumer = consume('blocked', folder.path, recording);
    await until(() => consumer.status().shards.some(({ state }) => state === 'running'));
    expect(consumer.status().shards.map(({ state }) => state)).to.deep.equal(['running', 'waiting', 'waiting']);
    held.resolve();
    await until(() => recording.texts().length === 10);
    await consumer.stop();
    expectParentsFirst(recording, [only], (await shardIds(client, 'blocked')).slice(1));
  });

  it('start from the oldest record when a stream of that name was created again, while running or before', async () => {
    await using folder = await temporaryFolder();
    const { client } = kinesis;
    await ensureStream(client, 'reborn', 1);
    await putRecords(client, 'reborn', entries(0, 10));
    const recording = new Recording();
    const running = consume('reborn', folder.path, recording);
    await until(() => recording.texts().length === 10);
    await recreateStream(client, 'reborn', 1);
    await putRecords(client, 'reborn', entries(10, 20));
    await until(() => recording.count('initialize') === 2 && recording.texts().includes('19'));
    expect(recording.count('leaseLost')).to.equal(1);
    await running.stop();
    await recreateStream(client, 'reborn', 1);
    await putRecords(client, 'reborn', entries(20, 30));
    const later = new Recording();
    const restarted = consume('reborn', folder.path, later);
    await until(() => later.texts().length === 10);
    await restarted.stop();
    expect(later.events[0]).to.include({ event: 'initialize', text: null });
    expect(later.texts()).to.deep.equal(numbers(20, 30));
  });

  it('become ready once all their listed parents are done, in every history of splits and merges', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 1, maxLength: 20 }), (history) => {
        const shards = history.map((parents, i) => ({
          shardId: `s${i}`,
          parents: [...new Set(parents.map((parent) => (i === 0 ? 'expired' : `s${parent % i}`)))],
        }));
        const done = new Set<string>();
        while (done.size < shards.length) {
          const ready = readyShards(shards, done, new Set());
          expect(ready).to.not.be.empty;
          for (const shardId of ready) {
            const parents = shards.find((shard) => shard.shardId === shardId)?.parents ?? [];
            expect(parents.every((parent) => parent === 'expired' || done.has(parent))).to.equal(true);
            expect(done.has(shardId)).to.equal(false);
          }
          expect(readyShards(shards, done, new Set(ready))).to.deep.equal([]);
          done.add(ready[0] ?? '');
        }
      }),
      { numRuns: numRuns(2000), seed: seed() },
    );
  });
});

function expectParentsFirst({ events }: Recording, parents: readonly string[], children: readonly string[]): void {
  for (const parent of parents) {
    const ended = events.findIndex(({ shardId, event }) => shardId === parent && event === 'shardEnded');
    expect(ended).to.be.greaterThan(
      events.findLastIndex(({ shardId, event }) => shardId === parent && event === 'record'),
    );
    for (const child of children) {
      const started = events.findIndex(({ shardId }) => shardId === child);
      expect(started, `${child} after ${parent}`).to.be.greaterThan(ended);
    }
  }
}

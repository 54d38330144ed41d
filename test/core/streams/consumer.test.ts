import { expect } from 'chai';
import fc from 'fast-check';
import { CheckpointFolder } from '../../../core/streams/checkpoint-folder.ts';
import type { ConsumerOptions } from '../../../core/streams/consumer.ts';
import { startConsumer } from '../../../core/streams/driver.ts';
import { putRecords } from '../../../core/streams/producer.ts';
import { ensureStream } from '../../../core/streams/stream.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { shardIds, startKinesis, type TestKinesis } from '../../rigs/streams/emulator.ts';
import { Recording, temporaryFolder } from '../../rigs/streams/recording.ts';
import { until } from '../../rigs/until.ts';
import { entries, numbers, quick, sorted } from '../storage/records.ts';

describe('A consumer', () => {
  let kinesis: TestKinesis;
  before(async () => {
    kinesis = await startKinesis();
  });
  after(() => kinesis[Symbol.asyncDispose]());

  const consume = (stream: string, folder: string, recording: Recording, options: Partial<ConsumerOptions> = {}) =>
    startConsumer({
      client: kinesis.client,
      stream,
      factory: recording.factory,
      checkpoints: new CheckpointFolder(folder),
      ...quick,
      ...options,
    });

  it('reads all shards, each in order, and shows how far it is', async () => {
    await using folder = await temporaryFolder();
    const recording = new Recording();
    await ensureStream(kinesis.client, 'several', 3);
    await putRecords(kinesis.client, 'several', entries(0, 300));
    const consumer = consume('several', folder.path, recording, { recordsPerRead: 7 });
    await until(() => recording.texts().length === 300);
    expect(sorted(recording.texts())).to.deep.equal(numbers(0, 300));
    const shards = await shardIds(kinesis.client, 'several');
    for (const shardId of shards) {
      expect(recording.texts(shardId)).to.deep.equal(sorted(recording.texts(shardId))).and.not.be.empty;
    }
    await until(() => consumer.status().shards.every(({ pending }) => pending === 0));
    const status = consumer.status();
    expect(status.problem).to.equal(null);
    expect(
      status.shards.map(({ shardId, state, millisBehindLatest }) => [shardId, state, millisBehindLatest]),
    ).to.deep.equal(shards.map((shardId) => [shardId, 'running', 0]));
    await consumer.stop();
  });

  it('continues from its checkpoints', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'resumed', 2);
    await putRecords(kinesis.client, 'resumed', entries(0, 50));
    const first = new Recording();
    const before = consume('resumed', folder.path, first);
    await until(() => first.texts().length === 50);
    await before.stop();
    await putRecords(kinesis.client, 'resumed', entries(50, 80));
    const second = new Recording();
    const after = consume('resumed', folder.path, second);
    await until(() => second.texts().length === 30);
    await after.stop();
    expect(sorted(second.texts())).to.deep.equal(numbers(50, 80));
  });

  it('hands records over again that were not checkpointed', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'again', 1);
    await putRecords(kinesis.client, 'again', entries(0, 10));
    const forgetful = new Recording();
    forgetful.after = async ({ records, checkpointer }) => checkpointer.checkpoint(records[3]?.sequenceNumber ?? '0');
    const before = consume('again', folder.path, forgetful);
    await until(() => forgetful.texts().length === 10);
    await until(() => before.status().shards[0]?.pending === 6);
    await before.stop();
    const careful = new Recording();
    const after = consume('again', folder.path, careful);
    await until(() => careful.texts().length === 6);
    await after.stop();
    expect(careful.texts()).to.deep.equal(numbers(4, 10));
  });

  it('calls an idle processor, and reads no further while too much is pending', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'pending', 1);
    await putRecords(kinesis.client, 'pending', entries(0, 30));
    const recording = new Recording();
    let last = '';
    recording.after = ({ records }) => {
      last = records.at(-1)?.sequenceNumber ?? last;
    };
    const consumer = consume('pending', folder.path, recording, { maxPending: 10, recordsPerRead: 5 });
    await until(() => recording.idleCalls > 5);
    expect(recording.texts()).to.deep.equal(numbers(0, 10));
    recording.after = async ({ records, checkpointer }) =>
      checkpointer.checkpoint(records.at(-1)?.sequenceNumber ?? last);
    await until(() => recording.texts().length === 30);
    await consumer.stop();
  });

  it('stops gracefully: what is being processed is finished, then processors are told', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'graceful', 1);
    await putRecords(kinesis.client, 'graceful', entries(0, 5));
    const recording = new Recording();
    const held = Promise.withResolvers<void>();
    let holding = false;
    recording.before = async ({ records }) => {
      if (records.length === 0) return;
      holding = true;
      await held.promise;
    };
    const consumer = consume('graceful', folder.path, recording);
    await until(() => holding);
    const stopped = consumer.stop();
    expect(recording.count('shutdownRequested')).to.equal(0);
    held.resolve();
    await stopped;
    expect(recording.events.at(-1)?.event).to.equal('shutdownRequested');
    expect(recording.texts()).to.deep.equal(numbers(0, 5));
    expect(consumer.status().shards.map(({ state }) => state)).to.deep.equal(['stopped']);
  });

  it('gives up on processors that do not finish, and lets them checkpoint nothing more', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'hanging', 1);
    await putRecords(kinesis.client, 'hanging', entries(0, 1));
    const recording = new Recording();
    const held = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    recording.before = ({ records, checkpointer }) => {
      const [record] = records;
      if (record === undefined) return;
      late = held.promise.then(() => checkpointer.checkpoint(record.sequenceNumber)).catch((error) => error);
      return held.promise;
    };
    const consumer = consume('hanging', folder.path, recording, { stopMillis: 30 });
    await until(() => late !== undefined);
    const error = await consumer.stop().catch((thrown) => thrown);
    expect(error).to.include({ code: 'unavailable' });
    held.resolve();
    expect(await late).to.include({ code: 'lease_lost' });
  });

  it('loses nothing and repeats nothing, whatever is stopped and started in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ put: fc.integer({ min: 0, max: 40 }), read: fc.integer({ min: 0, max: 40 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (rounds, shards) => {
          await using folder = await temporaryFolder();
          const stream = `rounds-${crypto.randomUUID().slice(0, 8)}`;
          await ensureStream(kinesis.client, stream, shards);
          const recording = new Recording();
          let put = 0;
          for (const round of [...rounds, { put: 1, read: Number.POSITIVE_INFINITY }]) {
            await putRecords(kinesis.client, stream, entries(put, put + round.put));
            put += round.put;
            const goal = Math.min(put, recording.texts().length + round.read);
            const consumer = consume(stream, folder.path, recording, { recordsPerRead: 3 });
            await until(() => recording.texts().length >= goal);
            await consumer.stop();
          }
          expect(sorted(recording.texts())).to.deep.equal(numbers(0, put));
        },
      ),
      { numRuns: numRuns(200), seed: seed() },
    );
  });
});

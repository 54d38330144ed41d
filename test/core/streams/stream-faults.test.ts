import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { CheckpointFolder } from '../../../core/streams/checkpoint-folder.ts';
import type { ConsumerOptions } from '../../../core/streams/consumer.ts';
import { startConsumer } from '../../../core/streams/driver.ts';
import { putRecords } from '../../../core/streams/producer.ts';
import { ensureStream } from '../../../core/streams/stream.ts';
import { startKinesis, type TestKinesis } from '../../rigs/streams/emulator.ts';
import type { Rule } from '../../rigs/streams/fault-proxy.ts';
import { Recording, temporaryFolder } from '../../rigs/streams/recording.ts';
import { until } from '../../rigs/until.ts';
import { entries, numbers, quick, sorted } from '../storage/records.ts';

const error = (type: string, status = 400) => ({ kind: 'error', status, type }) as const;

describe('A consumer whose stream or processor fails', () => {
  let kinesis: TestKinesis;
  before(async () => {
    kinesis = await startKinesis();
  });
  afterEach(() => kinesis.proxy.clear());
  after(() => kinesis[Symbol.asyncDispose]());

  const consume = (stream: string, folder: string, recording: Recording, options: Partial<ConsumerOptions> = {}) =>
    startConsumer({
      client: kinesis.faulty,
      stream,
      factory: recording.factory,
      checkpoints: new CheckpointFolder(folder),
      ...quick,
      recordsPerRead: 5,
      ...options,
    });

  const passing: Readonly<Record<string, readonly Rule[]>> = {
    'expired iterators': [
      { operation: 'GetRecords', fault: error('ExpiredIteratorException'), skip: 2, times: 1 },
      { operation: 'GetRecords', fault: error('ExpiredIteratorException'), skip: 4, times: 3 },
    ],
    throttling: [
      { operation: 'GetRecords', fault: error('ProvisionedThroughputExceededException'), skip: 1, times: 12 },
      { operation: 'ListShards', fault: error('LimitExceededException'), times: 12 },
      { operation: 'GetShardIterator', fault: error('ProvisionedThroughputExceededException'), times: 2 },
    ],
    'failures of the service': [
      { operation: 'GetRecords', fault: error('InternalFailure', 500), skip: 1, times: 12 },
      { operation: 'GetRecords', fault: error('', 503), skip: 3, times: 3 },
      { operation: 'DescribeStreamSummary', fault: error('InternalFailure', 500), times: 12 },
    ],
    'cut connections': [
      { operation: 'GetRecords', fault: { kind: 'cut', when: 'after' }, skip: 1, times: 6 },
      { operation: 'GetRecords', fault: { kind: 'cut', when: 'before' }, skip: 2, times: 6 },
      { operation: 'GetShardIterator', fault: { kind: 'cut', when: 'before' }, times: 2 },
    ],
  };

  for (const [what, rules] of Object.entries(passing)) {
    it(`survives ${what}: nothing lost, nothing twice`, async () => {
      await using folder = await temporaryFolder();
      const stream = what.replaceAll(' ', '-');
      await ensureStream(kinesis.client, stream, 2);
      await putRecords(kinesis.client, stream, entries(0, 100));
      const applied = rules.map((rule) => kinesis.proxy.add(rule));
      const recording = new Recording();
      const consumer = consume(stream, folder.path, recording);
      await until(() => recording.texts().length >= 100 && applied.every((times, i) => times() === rules[i]?.times));
      await consumer.stop();
      expect(sorted(recording.texts())).to.deep.equal(numbers(0, 100));
    });
  }

  it('shows that it can not read, keeps calling the processor, and recovers', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'gone', 1);
    const recording = new Recording();
    const consumer = consume('gone', folder.path, recording);
    await until(() => recording.idleCalls > 0);
    kinesis.proxy.add({ operation: 'GetRecords', fault: { kind: 'cut', when: 'before' } });
    const shard = () => consumer.status().shards[0];
    await until(() => (shard()?.problem?.attempts ?? 0) > 5);
    expect(shard()?.state).to.equal('unreachable');
    const { idleCalls } = recording;
    await until(() => recording.idleCalls > idleCalls);
    kinesis.proxy.clear();
    await putRecords(kinesis.client, 'gone', entries(0, 1));
    await until(() => recording.texts().length === 1);
    expect(shard()).to.include({ state: 'running', problem: null });
    await consumer.stop();
  });

  it('waits for a stream that does not exist yet', async () => {
    await using folder = await temporaryFolder();
    const recording = new Recording();
    const consumer = consume('later', folder.path, recording);
    await until(() => consumer.status().problem !== null);
    expect(consumer.status().problem).to.include({
      code: 'stream_unavailable',
      message: "There is no stream 'later'.",
    });
    await ensureStream(kinesis.client, 'later', 1);
    await putRecords(kinesis.client, 'later', entries(0, 1));
    await until(() => recording.texts().length === 1);
    expect(consumer.status().problem).to.equal(null);
    await consumer.stop();
  });

  it('fails when the stream refuses it again and again', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'refused', 2);
    const refused = kinesis.proxy.add({ operation: 'GetRecords', fault: error('AccessDeniedException'), skip: 4 });
    const recording = new Recording();
    const consumer = consume('refused', folder.path, recording, { maxAttempts: 3 });
    const thrown = await consumer.done.catch((caught) => caught);
    expect(thrown).to.be.instanceOf(LazuliError).and.include({ code: 'stream_unavailable' });
    expect(refused()).to.be.within(3, 6);
    expect(recording.count('leaseLost')).to.be.at.least(1);
  });

  it('pauses with the same records while a processor can not go on, however often', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'paused', 1);
    await putRecords(kinesis.client, 'paused', entries(0, 3));
    const recording = new Recording();
    const handed: number[] = [];
    let down = true;
    recording.before = ({ records }) => {
      handed.push(records.length);
      if (down && records.length > 0)
        throw new LazuliError('index_unavailable', 'It is down.', { remedy: 'Start it.' });
    };
    const consumer = consume('paused', folder.path, recording, { maxAttempts: 2 });
    const shard = () => consumer.status().shards[0];
    await until(() => (shard()?.problem?.attempts ?? 0) > 5);
    const { attempts: _, since: __, ...problem } = shard()?.problem ?? {};
    expect(problem).to.deep.equal({ code: 'index_unavailable', message: 'It is down.', remedy: 'Start it.' });
    expect(shard()?.state).to.equal('paused');
    down = false;
    await until(() => recording.texts().length === 3);
    expect(new Set(handed.filter((length) => length > 0))).to.deep.equal(new Set([3]));
    await until(() => shard()?.state === 'running');
    await consumer.stop();
  });

  it('can be stopped while it pauses, and continues with the same records', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'stopped', 1);
    await putRecords(kinesis.client, 'stopped', entries(0, 3));
    const recording = new Recording();
    recording.before = () => {
      throw new LazuliError('repository_unavailable', 'It is down.');
    };
    const backoff = { baseMillis: 60_000, capMillis: 60_000 };
    const consumer = consume('stopped', folder.path, recording, { backoff });
    await until(() => consumer.status().shards[0]?.state === 'paused');
    await consumer.stop();
    recording.before = () => {};
    const again = consume('stopped', folder.path, recording);
    await until(() => recording.texts().length === 3);
    await again.stop();
    expect(recording.texts()).to.deep.equal(numbers(0, 3));
  });

  for (const [what, thrown, attempts] of [
    ['at once with a fatal error', new LazuliError('superseded', 'Another is newer.'), 1],
    ['after some attempts with an unknown error', new TypeError('oops'), 4],
  ] as const) {
    it(`ends ${what} of a processor, and stops its other shards`, async () => {
      await using folder = await temporaryFolder();
      const stream = `fatal-${attempts}`;
      await ensureStream(kinesis.client, stream, 2);
      const recording = new Recording();
      let calls = 0;
      recording.before = ({ records }) => {
        if (records.length === 0) return;
        calls++;
        throw thrown;
      };
      const consumer = consume(stream, folder.path, recording, { maxAttempts: 4 });
      await until(() => recording.idleCalls > 4 && recording.count('initialize') === 2);
      await putRecords(kinesis.client, stream, entries(0, 1));
      expect(await consumer.done.catch((caught) => caught)).to.equal(thrown);
      expect(calls).to.equal(attempts);
      expect(recording.count('leaseLost')).to.equal(1);
      expect(recording.count('shutdownRequested')).to.equal(1);
      expect(
        consumer
          .status()
          .shards.map(({ state }) => state)
          .sort(),
      ).to.deep.equal(['failed', 'stopped']);
    });
  }

  it('waits where checkpoints can not be written', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'full', 1);
    await putRecords(kinesis.client, 'full', entries(0, 3));
    const checkpoints = new CheckpointFolder(folder.path);
    let full = true;
    const recording = new Recording();
    const consumer = consume('full', folder.path, recording, {
      checkpoints: {
        get: (...args) => checkpoints.get(...args),
        put: async (...args) => {
          if (full) throw new LazuliError('staging_unavailable', 'The disk is full.');
          await checkpoints.put(...args);
        },
      },
    });
    const shard = () => consumer.status().shards[0];
    await until(() => shard()?.state === 'paused' && shard()?.problem?.code === 'staging_unavailable');
    expect(shard()).to.include({ checkpoint: null, pending: 3 });
    full = false;
    await until(() => shard()?.pending === 0);
    await consumer.stop();
  });
});

import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { CheckpointFolder } from '../../../core/streams/checkpoint-folder.ts';
import type { Consumer } from '../../../core/streams/consumer.ts';
import { startConsumer } from '../../../core/streams/driver.ts';
import { putRecords } from '../../../core/streams/producer.ts';
import { Reading } from '../../../core/streams/reading.ts';
import { ensureStream } from '../../../core/streams/stream.ts';
import { kinesisClient, shardIds, splitShard, startKinesis, type TestKinesis } from '../../rigs/streams/emulator.ts';
import { startLimitedProxy } from '../../rigs/streams/limited-proxy.ts';
import { Recording, temporaryFolder } from '../../rigs/streams/recording.ts';
import { until } from '../../rigs/until.ts';
import { entries, numbers, quick, sorted } from '../storage/records.ts';

const catalogs = Array.from({ length: 10 }, (_, i) => `catalog-${i}`);

/** One consumer for each catalog, as a transform process has them. */
function startAll(client: KinesisClient, stream: string, folder: string, paces: Partial<typeof quick> = quick) {
  const reading = new Reading({ client, stream, ...paces });
  const recordings = new Map(catalogs.map((catalog) => [catalog, new Recording()]));
  const consumers = [...recordings].map(([catalog, { factory }]) =>
    startConsumer({
      ...{ client, stream, reading, factory, ...paces },
      checkpoints: new CheckpointFolder(`${folder}/${catalog}`),
    }),
  );
  const all = [...recordings.values()];
  const stop = () => Promise.all(consumers.map((consumer) => consumer.stop()));
  const paused = recordings.get('catalog-0') ?? new Recording();
  return { recordings: all, others: all.filter((one) => one !== paused), consumers, paused, stop };
}

const have = (recordings: readonly Recording[], count: number) =>
  until(() => recordings.every((recording) => recording.texts().length === count), 60_000);
const checkpointed = (consumers: readonly Consumer[]) =>
  until(() => consumers.every((one) => one.status().shards.every(({ pending }) => pending === 0)));

describe('Catalogs that read a stream together', function () {
  this.timeout(120_000);
  let kinesis: TestKinesis;
  before(async () => {
    kinesis = await startKinesis();
  });
  after(() => kinesis[Symbol.asyncDispose]());

  it('have every record, ten of them, and are seldom refused where Kinesis allows five reads a second', async () => {
    await using folder = await temporaryFolder();
    await using limited = await startLimitedProxy(kinesis.url);
    const client = kinesisClient(limited.url);
    await ensureStream(kinesis.client, 'limited', 1);
    const { recordings, stop } = startAll(client, 'limited', folder.path, {});
    const latencies: number[] = [];
    for (let n = 0; n < 20; n++) {
      const put = performance.now();
      await putRecords(kinesis.client, 'limited', entries(n, n + 1));
      await Promise.all(
        recordings.map(async (recording) => {
          await until(() => recording.texts().length === n + 1);
          latencies.push(performance.now() - put);
        }),
      );
    }
    await stop();
    client.destroy();
    latencies.sort((a, b) => a - b);
    const [p50 = 0, p95 = 0] = [0.5, 0.95].map((share) => latencies[Math.floor(share * latencies.length)]);
    console.log(`      p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms; reads`, limited.reads);
    expect(limited.reads.refused).to.be.lessThan(limited.reads.allowed / 5);
    for (const recording of recordings) expect(recording.texts()).to.deep.equal(numbers(0, 20));
  });

  it('go on without one that stands still, which keeps its checkpoint, and goes on where it was', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'paused', 1);
    const { recordings, others, consumers, paused, stop } = startAll(kinesis.faulty, 'paused', folder.path);
    await putRecords(kinesis.client, 'paused', entries(0, 20));
    await have(recordings, 20);
    paused.before = () => {
      throw new LazuliError('index_unavailable', 'read-only', {});
    };
    await putRecords(kinesis.client, 'paused', entries(20, 500));
    await have(others, 500);
    expect(consumers[0]?.status().shards[0]).to.include({ state: 'paused' });
    expect(paused.texts()).to.deep.equal(numbers(0, 20));
    paused.before = () => {};
    await have(recordings, 500);
    await checkpointed(consumers);
    await putRecords(kinesis.client, 'paused', entries(500, 510));
    await have(recordings, 510);
    await stop();
    for (const recording of recordings) expect(sorted(recording.texts())).to.deep.equal(numbers(0, 510));
  });

  it('each go on from a checkpoint of their own after a restart', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'restarted', 2);
    await putRecords(kinesis.client, 'restarted', entries(0, 50));
    const first = startAll(kinesis.client, 'restarted', folder.path);
    for (const [i, recording] of first.recordings.entries()) {
      recording.before = ({ records }) => {
        if (records.length > 0 && recording.texts().length >= i) throw new LazuliError('index_unavailable', 'full', {});
      };
    }
    await until(() => first.recordings.slice(1).every((recording) => recording.texts().length > 0));
    await first.stop();
    const second = startAll(kinesis.client, 'restarted', folder.path);
    const texts = (i: number) => [...(first.recordings[i]?.texts() ?? []), ...(second.recordings[i]?.texts() ?? [])];
    await until(() => catalogs.every((_, i) => texts(i).length === 50));
    await second.stop();
    for (const [i] of catalogs.entries()) expect(sorted(texts(i))).to.deep.equal(numbers(0, 50));
  });

  it('follow a shard that is split, each when it is through with it', async () => {
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'split', 1);
    await putRecords(kinesis.client, 'split', entries(0, 30));
    const { recordings, others, consumers, paused, stop } = startAll(kinesis.client, 'split', folder.path);
    paused.before = () => {
      throw new LazuliError('index_unavailable', 'full', {});
    };
    const [parent = ''] = await shardIds(kinesis.client, 'split');
    await splitShard(kinesis.client, 'split', parent);
    await putRecords(kinesis.client, 'split', entries(30, 60));
    await have(others, 60);
    expect(paused.texts()).to.deep.equal([]);
    paused.before = () => {};
    await have(recordings, 60);
    await checkpointed(consumers);
    await stop();
    for (const recording of recordings) {
      expect(recording.texts().slice(0, 30)).to.deep.equal(numbers(0, 30));
      expect(sorted(recording.texts())).to.deep.equal(numbers(0, 60));
      expect(recording.count('shardEnded')).to.equal(1);
    }
  });
});

import { expect } from 'chai';
import { backlogOf } from '../../streams/backlog.ts';
import { CheckpointFolder } from '../../streams/checkpoint-folder.ts';
import { startConsumer } from '../../streams/driver.ts';
import { putRecords } from '../../streams/producer.ts';
import { kinesisSource } from '../../streams/source.ts';
import { ensureStream } from '../../streams/stream.ts';
import { recreateStream, shardIds, splitShard, startKinesis, type TestKinesis } from './emulator.ts';
import { Recording, temporaryFolder } from './recording.ts';
import { entries, quick } from './records.ts';
import { until } from './until.ts';

describe('The backlog of a stream', () => {
  let kinesis: TestKinesis;
  before(async () => {
    kinesis = await startKinesis();
  });
  after(() => kinesis[Symbol.asyncDispose]());

  const backlog = (stream: string, folder: string, signal = new AbortController().signal) =>
    backlogOf(kinesisSource(kinesis.client, stream), stream, new CheckpointFolder(folder), signal);
  const all = (records: number) => ({ records, complete: true });

  it('is what was put and not checkpointed, in all shards, whoever reads', async () => {
    await using folder = await temporaryFolder();
    const stream = 'waiting';
    await ensureStream(kinesis.client, stream, 3);
    expect(await backlog(stream, folder.path)).to.deep.equal(all(0));
    await putRecords(kinesis.client, stream, entries(0, 120));
    expect(await backlog(stream, folder.path)).to.deep.equal(all(120));

    const recording = new Recording();
    const checkpoints = new CheckpointFolder(folder.path);
    const consumer = startConsumer({
      client: kinesis.client,
      stream,
      factory: recording.factory,
      checkpoints,
      ...quick,
    });
    await until(async () => (await backlog(stream, folder.path)).records === 0);
    expect(recording.texts()).to.have.length(120);
    await consumer.stop();

    await putRecords(kinesis.client, stream, entries(120, 150));
    expect(await backlog(stream, folder.path)).to.deep.equal(all(30));
    const [first = ''] = await shardIds(kinesis.client, stream);
    await splitShard(kinesis.client, stream, first);
    await putRecords(kinesis.client, stream, entries(150, 170));
    expect(await backlog(stream, folder.path)).to.deep.equal(all(50));
    const next = startConsumer({ client: kinesis.client, stream, factory: recording.factory, checkpoints, ...quick });
    await until(async () => (await backlog(stream, folder.path)).records === 0);
    await next.stop();
  });

  it('is all of a stream that was created again', async () => {
    await using folder = await temporaryFolder();
    const stream = 'again';
    await ensureStream(kinesis.client, stream, 1);
    await putRecords(kinesis.client, stream, entries(0, 5));
    const [shard = ''] = await shardIds(kinesis.client, stream);
    const found = await kinesisSource(kinesis.client, stream).identify(new AbortController().signal);
    if (found === null) throw new Error('There is no stream');
    await new CheckpointFolder(folder.path).put(found, shard, 'SHARD_END');
    expect(await backlog(stream, folder.path)).to.deep.equal(all(0));
    await recreateStream(kinesis.client, stream, 1);
    await putRecords(kinesis.client, stream, entries(0, 7));
    expect(await backlog(stream, folder.path)).to.deep.equal(all(7));
  }).timeout(60_000);

  it('of a stream that is not there is an error, and cut short it says so', async () => {
    await using folder = await temporaryFolder();
    const error = await backlog('nosuch', folder.path).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'stream_unavailable' });
    const abort = new AbortController();
    const source = kinesisSource(kinesis.client, 'waiting');
    const slow = {
      ...source,
      page: async (...given: Parameters<typeof source.page>) => {
        abort.abort();
        return source.page(...given);
      },
    };
    const cut = await backlogOf(slow, 'waiting', new CheckpointFolder(folder.path), abort.signal);
    expect(cut).to.deep.equal({ records: 0, complete: false });
  });
});

import { expect } from 'chai';
import { PipelineObserver } from '../../cli/pipeline/status.ts';
import { encodeNotification } from '../../ingest/notification.ts';
import { mergeShards, shardIds, splitShard } from '../rigs/streams/emulator.ts';
import { until } from '../rigs/until.ts';
import { Pipeline } from './pipeline.ts';
import { partsOf } from './world.ts';

describe('The index equals that of a clean run when', () => {
  it('the stream of notifications is split and merged under load', async () => {
    await using pipeline = await Pipeline.open({ shards: 2 });
    const { client } = pipeline.kinesis;
    const stream = pipeline.settings.kinesis.notifications;
    const [first = [], second = [], third = []] = partsOf(pipeline.world.notifications, 3);
    const [left = '', right = ''] = await shardIds(client, stream);
    await pipeline.start();
    await Promise.all([pipeline.notify(first), splitShard(client, stream, left)]);
    const [, , , upper = ''] = await shardIds(client, stream);
    await Promise.all([pipeline.notify(second), mergeShards(client, stream, upper, right)]);
    await pipeline.notify(third);
    await pipeline.expectClean();
  });

  it('the stream of batches is split and merged under load', async () => {
    await using pipeline = await Pipeline.open();
    const { client } = pipeline.kinesis;
    const stream = pipeline.settings.kinesis.batches;
    const [first = [], second = [], third = []] = partsOf(pipeline.world.notifications, 3);
    const [only = ''] = await shardIds(client, stream);
    await pipeline.start();
    await Promise.all([pipeline.notify(first), splitShard(client, stream, only)]);
    const [, left = '', right = ''] = await shardIds(client, stream);
    await Promise.all([pipeline.notify(second), mergeShards(client, stream, left, right)]);
    await pipeline.notify(third);
    await pipeline.expectClean();
  });

  it('entries of multi-record puts fail, of notifications and of pointers', async () => {
    await using pipeline = await Pipeline.open({ shards: 2 });
    const code = 'ProvisionedThroughputExceededException';
    const fault = { kind: 'fail-entries', code, fails: (index: number) => index % 2 === 0 } as const;
    const failed = pipeline.kinesis.proxy.add({ operation: 'PutRecords', fault, times: 5 });
    await pipeline.notify(pipeline.world.notifications, pipeline.kinesis.faulty);
    await pipeline.start();
    await pipeline.settled();
    const pointers = pipeline.kinesis.proxy.add({ operation: 'PutRecords', fault, times: 3 });
    await pipeline.notify(pipeline.world.notifications.slice(0, 12));
    await pipeline.expectClean();
    expect([failed(), pointers()]).to.deep.equal([5, 3]);
  });

  it('the acknowledgement of a pointer is lost, and the pointer put twice', async () => {
    await using pipeline = await Pipeline.open();
    const fault = { kind: 'cut', when: 'after' } as const;
    const cut = pipeline.kinesis.proxy.add({ operation: 'PutRecords', fault, times: 3 });
    await pipeline.start();
    await pipeline.notify();
    await pipeline.expectClean();
    expect(cut()).to.equal(3);
  });
});

describe('A record that nobody can read', () => {
  it('is dead-lettered alone, in both streams', async () => {
    await using pipeline = await Pipeline.open();
    const { notifications, batches } = pipeline.settings.kinesis;
    await pipeline.start();
    await pipeline.put(notifications, Buffer.from('{"half": '));
    const bundle_fqid = { uuid: 'no-source', version: '1' };
    const nameless = { action: 'add', catalog: 'hca', number: 0, notification: { bundle_fqid } } as const;
    await pipeline.put(notifications, encodeNotification(nameless));
    await pipeline.put(batches, Buffer.from('\xff\xfe', 'latin1'));
    await pipeline.notify();
    await pipeline.settled();
    const letters = await pipeline.letters();
    expect(letters.map(({ stage, kind, reason }) => `${stage} ${kind} ${reason}`).sort()).to.deep.equal([
      'ingest notification record_malformed',
      'ingest notification record_malformed',
      'transform batch record_malformed',
    ]);
    const observer = new PipelineObserver(pipeline.reachable);
    // A worker tells of its shards what its last read of them was like.
    await until(async () => (await observer.look()).some(({ finished }) => finished));
    const statuses = await observer.look();
    expect(statuses.map(({ catalog, failures, finished }) => ({ catalog, failures, finished }))).to.deep.equal([
      { catalog: 'hca', failures: {}, finished: true },
      { catalog: null, failures: { record_malformed: 3 }, finished: false },
    ]);
    for (const { key } of letters) await pipeline.deadLetters.delete(key);
    await pipeline.expectClean();
  });
});

import {
  CreateStreamCommand,
  DeleteStreamCommand,
  type KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { type EmulatorOptions, startEmulator } from '../../../core/streams/emulator.ts';
import { createKinesisClient } from '../../../core/streams/kinesis.ts';
import { ensureStream, findStream } from '../../../core/streams/stream.ts';
import { until } from '../until.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

/** An emulator of Kinesis, clients of it, and a proxy before it that injects faults. */
export interface TestKinesis extends AsyncDisposable {
  readonly url: string;
  readonly proxy: FaultProxy;
  /** directly */
  readonly client: KinesisClient;
  /** through the proxy */
  readonly faulty: KinesisClient;
}

export async function startKinesis(options: EmulatorOptions = {}): Promise<TestKinesis> {
  const emulator = await startEmulator({ shardLimit: 10_000, ...options });
  const proxy = await startFaultProxy(emulator.url);
  const client = kinesisClient(emulator.url);
  const faulty = kinesisClient(proxy.url);
  return {
    url: emulator.url,
    proxy,
    client,
    faulty,
    async [Symbol.asyncDispose]() {
      client.destroy();
      faulty.destroy();
      await proxy.close();
      await emulator.close();
    },
  };
}

export function kinesisClient(endpoint: string): KinesisClient {
  const names = { notifications: 'n', batches: 'b' };
  return createKinesisClient({ kinesis: { endpoint, region: 'us-east-1', ...names } }, {});
}

/** @returns ids of all shards, open or closed */
export async function shardIds(client: KinesisClient, stream: string): Promise<readonly string[]> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }));
  return Shards.map(({ ShardId }) => ShardId ?? '');
}

/** Splits an open shard in the middle. @returns once its children exist */
export async function splitShard(client: KinesisClient, stream: string, shardId: string): Promise<void> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }));
  const { StartingHashKey = '0', EndingHashKey = '0' } =
    Shards.find((shard) => shard.ShardId === shardId)?.HashKeyRange ?? {};
  const middle = ((BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n).toString();
  const split = { StreamName: stream, ShardToSplit: shardId, NewStartingHashKey: middle };
  await client.send(new SplitShardCommand(split));
  await until(async () => (await shardIds(client, stream)).length === Shards.length + 2);
}

/** Merges two neighbours. @returns once their child exists */
export async function mergeShards(client: KinesisClient, stream: string, left: string, right: string): Promise<void> {
  const before = (await shardIds(client, stream)).length;
  const merge = { StreamName: stream, ShardToMerge: left, AdjacentShardToMerge: right };
  await client.send(new MergeShardsCommand(merge));
  await until(async () => (await shardIds(client, stream)).length === before + 1);
}

/** Deletes the stream and creates it again so much later that its creation time differs (by whole seconds). */
export async function recreateStream(client: KinesisClient, stream: string, shards: number): Promise<void> {
  const before = await findStream(client, stream);
  await client.send(new DeleteStreamCommand({ StreamName: stream }));
  await until(async () => (await findStream(client, stream)) === null);
  await until(() => Math.floor((Date.now() - 2000) / 1000) * 1000 > (before?.created ?? 0));
  await client.send(new CreateStreamCommand({ StreamName: stream, ShardCount: shards }));
  await ensureStream(client, stream, shards);
}

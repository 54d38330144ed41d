import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import type { Life } from './life.ts';

/**
 * What goes wrong with a request: some entries of a put are refused; its answer is lost, so that all comes twice; nothing
 * arrives; the iterator of a read is too old.
 */
export type StreamFault = 'some entries refused' | 'answer lost' | 'unreachable' | 'iterator expired';

interface KinesisRecord {
  readonly SequenceNumber: string;
  readonly PartitionKey: string;
  readonly Data: Uint8Array;
  readonly ApproximateArrivalTimestamp: Date;
}

/**
 * Streams in this process, behind the client of the SDK: whoever puts and reads is the real thing, and so is what it does
 * about refusals. It answers what they ask, in no time.
 */
export class SimulatedKinesis {
  readonly #streams: ReadonlyMap<string, readonly KinesisRecord[][]>;
  readonly #now: () => number;
  readonly #created = new Date(0);
  #sequence = 0;
  /** each is for one request that it fits */
  readonly faults: StreamFault[] = [];

  /** @param shards of each stream */
  constructor(shards: Readonly<Record<string, number>>, now: () => number) {
    this.#now = now;
    this.#streams = new Map(
      Object.entries(shards).map(([name, count]) => [name, Array.from({ length: count }, () => [])]),
    );
  }

  /** As a process sees it. */
  client(life: Life): KinesisClient {
    const send = (command: object) => life.reach('stream', async () => this.#answer(command));
    return { send, destroy() {} } as unknown as KinesisClient;
  }

  /** The last record of every shard of a stream. */
  last(stream: string): ReadonlyMap<string, string | null> {
    return new Map(this.#shards(stream).map((records, i) => [shardId(i), records.at(-1)?.SequenceNumber ?? null]));
  }

  #shards(stream: string | undefined): readonly KinesisRecord[][] {
    return this.#streams.get(stream ?? '') ?? [];
  }

  #answer(command: object): object {
    if (command instanceof DescribeStreamSummaryCommand)
      return { StreamDescriptionSummary: { StreamCreationTimestamp: this.#created, StreamStatus: 'ACTIVE' } };
    if (command instanceof ListShardsCommand)
      return { Shards: this.#shards(command.input.StreamName).map((_, i) => ({ ShardId: shardId(i) })) };
    if (command instanceof GetShardIteratorCommand) {
      const { StreamName, ShardId, StartingSequenceNumber = '0' } = command.input;
      return { ShardIterator: JSON.stringify([StreamName, ShardId, StartingSequenceNumber]) };
    }
    if (command instanceof GetRecordsCommand) return this.#read(command.input.ShardIterator ?? '', command.input.Limit);
    if (command instanceof PutRecordsCommand) return this.#put(command.input.StreamName, command.input.Records ?? []);
    throw new TypeError(`The simulated Kinesis doesn't know ${command.constructor.name}`);
  }

  #read(iterator: string, limit = 1) {
    if (this.#fails('iterator expired')) throw named('ExpiredIteratorException');
    const [stream, id, after] = JSON.parse(iterator) as [string, string, string];
    const unread = this.#shards(stream)[Number(id.slice(-1))]?.filter(
      ({ SequenceNumber }) => Number(SequenceNumber) > Number(after),
    );
    const Records = unread?.slice(0, limit) ?? [];
    const behind = (unread?.length ?? 0) > limit ? 1 : 0;
    const next = Records.at(-1)?.SequenceNumber ?? after;
    return { Records, MillisBehindLatest: behind, NextShardIterator: JSON.stringify([stream, id, next]) };
  }

  #put(stream: string | undefined, entries: readonly PutRecordsRequestEntry[]) {
    if (this.#fails('unreachable')) throw named('TimeoutError');
    const refuses = this.#fails('some entries refused');
    const Records = entries.map((entry, i) =>
      refuses && i % 2 === 0 ? { ErrorCode: 'ProvisionedThroughputExceededException' } : this.#append(stream, entry),
    );
    if (this.#fails('answer lost')) throw named('TimeoutError');
    return { Records };
  }

  #append(stream: string | undefined, { PartitionKey = '', Data }: PutRecordsRequestEntry): PutRecordsResultEntry {
    const shards = this.#shards(stream);
    const shard = [...PartitionKey].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % shards.length;
    const SequenceNumber = String(++this.#sequence);
    const arrived = new Date(this.#now());
    const record = {
      SequenceNumber,
      PartitionKey,
      Data: Data ?? new Uint8Array(),
      ApproximateArrivalTimestamp: arrived,
    };
    shards[shard]?.push(record);
    return { ShardId: shardId(shard), SequenceNumber };
  }

  #fails(fault: StreamFault): boolean {
    if (this.faults[0] !== fault) return false;
    this.faults.shift();
    return true;
  }
}

const shardId = (shard: number): string => `shardId-${shard}`;

/** An error as the SDK throws it. */
function named(name: string): Error {
  const error = new Error('injected');
  error.name = name;
  return error;
}

import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  type _Record as KinesisRecord,
  type Shard as KinesisShard,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import type { StreamRecord } from './processor.ts';
import { findStream } from './stream.ts';

/** A shard and the shards that it was split or merged from. */
export interface Shard {
  readonly shardId: string;
  readonly parents: readonly string[];
}

/** A stream that can't be taken for another of the same name. */
export interface StreamIdentity {
  readonly name: string;
  /** when it was created, milliseconds since the epoch */
  readonly created: number;
}

/** One page of a shard. */
export interface Page {
  readonly records: readonly StreamRecord[];
  readonly millisBehindLatest: number;
  /** null at the end of a closed shard */
  readonly next: string | null;
}

/** The requests by which a stream is read. They throw what the SDK throws. */
export interface StreamSource {
  /** @returns null where there is no such stream */
  identify(signal: AbortSignal): Promise<StreamIdentity | null>;
  shards(signal: AbortSignal): Promise<readonly Shard[]>;
  /** an iterator after the record with that sequence number, or at the oldest record */
  iterator(shardId: string, after: string | null, signal: AbortSignal): Promise<string>;
  page(iterator: string, limit: number, signal: AbortSignal): Promise<Page>;
}

/** Kinesis lists at most 1000 shards a page; 10,000 pages are more than any account can have. */
const maxListings = 10_000;

/** A stream of Kinesis, or of an emulator. */
export function kinesisSource(client: KinesisClient, stream: string): StreamSource {
  return {
    async identify(signal) {
      const found = await findStream(client, stream, signal);
      return found && { name: stream, created: found.created };
    },
    async shards(abortSignal) {
      const shards: Shard[] = [];
      let NextToken: string | undefined;
      for (let page = 0; page < maxListings; page++) {
        const listing = await client.send(
          new ListShardsCommand(NextToken === undefined ? { StreamName: stream } : { NextToken }),
          { abortSignal },
        );
        shards.push(...(listing.Shards ?? []).map(readShard));
        NextToken = listing.NextToken;
        if (NextToken === undefined) break;
      }
      return shards;
    },
    async iterator(shardId, after, abortSignal) {
      const from =
        after === null
          ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
          : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: after } as const);
      const command = new GetShardIteratorCommand({ StreamName: stream, ShardId: shardId, ...from });
      return (await client.send(command, { abortSignal })).ShardIterator ?? '';
    },
    async page(iterator, limit, abortSignal) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }), {
        abortSignal,
      });
      return {
        records: (answer.Records ?? []).map(readRecord),
        millisBehindLatest: answer.MillisBehindLatest ?? 0,
        next: answer.NextShardIterator ?? null,
      };
    },
  };
}

function readShard({ ShardId, ParentShardId, AdjacentParentShardId }: KinesisShard): Shard {
  return {
    shardId: ShardId ?? '',
    parents: [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined),
  };
}

function readRecord({ SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp }: KinesisRecord): StreamRecord {
  return {
    sequenceNumber: SequenceNumber ?? '',
    partitionKey: PartitionKey ?? '',
    data: Data ?? new Uint8Array(),
    arrived: ApproximateArrivalTimestamp?.getTime() ?? 0,
  };
}

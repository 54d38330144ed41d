import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Backoff, Random } from './backoff.ts';
import type { CheckpointStore } from './checkpoints.ts';
import type { Logger } from './logger.ts';
import type { Clock } from './ports.ts';
import type { RecordProcessorFactory, StreamRecord } from './processor.ts';
import type { Reading } from './reading.ts';

/** The bounds and paces of a consumer. Milliseconds. */
export interface ConsumerLimits {
  /** between reads of a shard by this process, longer where Kinesis throttles: it allows five a second and shard */
  readonly pollMillis: number;
  /** a processor is called at least this often, with no records if there are none */
  readonly idleMillis: number;
  /** between looks for shards that came by a split or merge */
  readonly discoveryMillis: number;
  /** at most so many records a read; Kinesis has 10,000 or 10 MiB */
  readonly recordsPerRead: number;
  /** a shard isn't read on while so many records were handed over and not checkpointed */
  readonly maxPending: number;
  /** between attempts at what fails: reads, discoveries, processors */
  readonly backoff: Backoff;
  /** attempts at what fails for a reason that no one foresaw */
  readonly maxAttempts: number;
  /** for processors to finish once the consumer is told to stop */
  readonly stopMillis: number;
}

export const defaultLimits: ConsumerLimits = {
  pollMillis: 210,
  idleMillis: 250,
  discoveryMillis: 5_000,
  recordsPerRead: 1_000,
  maxPending: 20_000,
  backoff: { baseMillis: 100, capMillis: 10_000 },
  maxAttempts: 8,
  stopMillis: 60_000,
};

/** What a consumer reads, with what, and what it does with it; limits that are left out have defaults. */
export interface ConsumerOptions extends Partial<ConsumerLimits> {
  readonly client: KinesisClient;
  readonly stream: string;
  /** what this consumer shares with others of the process; absent: it reads on its own. Poll and page are those of the reading */
  readonly reading?: Reading;
  readonly factory: RecordProcessorFactory;
  readonly checkpoints: CheckpointStore;
  /** since when a record's cause waits, in milliseconds since the epoch; default: when the record arrived */
  readonly since?: (record: StreamRecord) => number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}

/** A running consumer of one stream. */
export interface Consumer {
  /**
   * Resolves when the consumer has been stopped and its processors have finished.
   *
   * @throws the fatal error of a processor; the last error where attempts are used up
   */
  readonly done: Promise<void>;
  /** Finishes what is being processed, lets processors flush, and settles as `done` does. */
  stop(): Promise<void>;
  status(): ConsumerStatus;
}

export interface ConsumerStatus {
  readonly stream: string;
  /** why shards can't be discovered at present */
  readonly problem: Problem | null;
  readonly shards: readonly ShardStatus[];
}

/**
 * - `waiting`: its parents aren't drained yet
 * - `running`
 * - `paused`: its processor can't go on, see `problem`; the same records are handed over again
 * - `unreachable`: it can't be read, see `problem`
 * - `ended`: closed and drained
 * - `stopped`, `lost`, `failed`: no longer read here
 */
export type ShardState = 'waiting' | 'running' | 'paused' | 'unreachable' | 'ended' | 'stopped' | 'lost' | 'failed';

export interface ShardStatus {
  readonly shardId: string;
  readonly state: ShardState;
  /** sequence number, `SHARD_END`, or null before the first */
  readonly checkpoint: string | null;
  /** as of the last read; null before the first */
  readonly millisBehindLatest: number | null;
  /** all that arrived before this time was read, in milliseconds since the epoch; null before the first read */
  readonly readUntil: number | null;
  /** what waits since before this time has had its effect; null before the first read */
  readonly completeUntil: number | null;
  /** records that were handed over and not checkpointed yet */
  readonly pending: number;
  readonly problem: Problem | null;
}

/** An error that is being waited out. */
export interface Problem {
  /** code of the error catalogue, or the name of an error that isn't of it */
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly attempts: number;
  /** milliseconds since the epoch */
  readonly since: number;
}

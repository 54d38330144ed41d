import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Random } from '../runtime/backoff.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Clock } from '../runtime/ports.ts';
import type { CheckpointStore } from './checkpoints.ts';
import type { ConsumerLimits } from './limits.ts';
import type { RecordProcessorFactory, StreamRecord } from './processor.ts';
import type { Reading } from './reading.ts';

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

/** Why a consumer doesn't go on with all shards; null where it does. */
export const troubleOf = ({ problem, shards }: Pick<ConsumerStatus, 'problem' | 'shards'>): Problem | null =>
  problem ?? shards.find((shard) => shard.problem !== null)?.problem ?? null;

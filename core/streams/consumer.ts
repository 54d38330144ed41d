import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { z } from 'zod';
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

/** An error that is being waited out. */
const problemSchema = z.object({
  code: z.string().meta({ description: 'Of the error catalogue, or the name of an error that is not of it.' }),
  message: z.string(),
  remedy: z.string().nullable(),
  attempts: z.int(),
  since: z.number().meta({ description: 'Milliseconds since the epoch.' }),
});
export type Problem = Readonly<z.output<typeof problemSchema>>;

/**
 * - `waiting`: its parents aren't drained yet
 * - `running`
 * - `paused`: its processor can't go on, see `problem`; the same records are handed over again
 * - `unreachable`: it can't be read, see `problem`
 * - `ended`: closed and drained
 * - `stopped`, `lost`, `failed`: no longer read here
 */
const shardStateSchema = z.enum([
  ...(['waiting', 'running', 'paused', 'unreachable'] as const),
  ...(['ended', 'stopped', 'lost', 'failed'] as const),
]);
export type ShardState = z.output<typeof shardStateSchema>;

export const shardStatusSchema = z.object({
  shardId: z.string(),
  state: shardStateSchema,
  checkpoint: z.string().nullable().meta({ description: 'Sequence number, `SHARD_END`, or null before the first.' }),
  millisBehindLatest: z.number().nullable().meta({ description: 'As of the last read; null before the first.' }),
  readUntil: z.number().nullable().meta({
    description: 'All that arrived before this time was read, in milliseconds since the epoch.',
  }),
  completeUntil: z.number().nullable().meta({
    description: 'What waits since before this time has had its effect; null before the first read.',
  }),
  pending: z.int().meta({ description: 'Records that were handed over and not checkpointed yet.' }),
  problem: problemSchema.nullable(),
});
export type ShardStatus = Readonly<z.output<typeof shardStatusSchema>>;

export interface ConsumerStatus {
  readonly stream: string;
  /** why shards can't be discovered at present */
  readonly problem: Problem | null;
  readonly shards: readonly ShardStatus[];
}

/** Why a consumer doesn't go on with all shards; null where it does. */
export const troubleOf = ({ problem, shards }: Pick<ConsumerStatus, 'problem' | 'shards'>): Problem | null =>
  problem ?? shards.find((shard) => shard.problem !== null)?.problem ?? null;

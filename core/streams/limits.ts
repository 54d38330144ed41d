import type { Backoff } from '../runtime/backoff.ts';

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
  /** for processors to finish once the consumer must stop */
  readonly stopMillis: number;
}

/** Those of a consumer of which nothing else is said. */
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

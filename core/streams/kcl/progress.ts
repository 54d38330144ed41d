import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Clock } from '../../runtime/ports.ts';
import { shardEnd } from '../checkpoints.ts';
import type { ConsumerStatus, ShardStatus } from '../consumer.ts';
import { kinesisSource, type StreamSource } from '../source.ts';
import type { LeaseTable, ShardLease } from './leases.ts';

export interface ProgressParts {
  readonly client: KinesisClient;
  readonly stream: string;
  readonly leases: Pick<LeaseTable, 'all'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** How far all workers of an application are together: where the library's checkpoints are, and what comes after them. */
export class KclProgress {
  readonly #parts: ProgressParts;
  readonly #source: StreamSource;

  constructor(parts: ProgressParts) {
    this.#parts = parts;
    this.#source = kinesisSource(parts.client, parts.stream);
  }

  /**
   * @param own shards that this process reads, of which it knows more
   * @throws LazuliError `staging_unavailable`; what the SDK throws
   */
  async look(
    own: ConsumerStatus,
    signal: AbortSignal,
  ): Promise<ConsumerStatus & { readonly workers: readonly string[] }> {
    const leases = await this.#parts.leases.all();
    const shards: ShardStatus[] = [];
    for (const lease of leases) {
      const known = own.shards.find(({ shardId }) => shardId === lease.shardId);
      shards.push(known ?? (await this.#shard(lease, signal)));
    }
    return { ...own, shards, workers: [...new Set(leases.flatMap(({ worker }) => worker ?? []))] };
  }

  /** One record after the checkpoint says since when the oldest waits. */
  async #shard({ shardId, worker, checkpoint }: ShardLease, signal: AbortSignal): Promise<ShardStatus> {
    const rest = { shardId, checkpoint, problem: null };
    if (checkpoint === shardEnd)
      return { ...rest, state: 'ended', millisBehindLatest: 0, readUntil: null, completeUntil: null, pending: 0 };
    const now = this.#parts.clock.now();
    const iterator = await this.#source.iterator(shardId, checkpoint, signal);
    const { records, millisBehindLatest } = await this.#source.page(iterator, 1, signal);
    const [first] = records;
    // A page may be empty before the tip of the shard.
    const completeUntil = first?.arrived ?? now - millisBehindLatest;
    const state = worker === null ? 'waiting' : 'running';
    return { ...rest, state, millisBehindLatest, readUntil: now, completeUntil, pending: records.length };
  }
}

import type { StreamIdentity } from './source.ts';

/** In place of a sequence number: the shard is closed and all of it has had its effect. */
export const shardEnd = 'SHARD_END';

/** Remembers how far each shard of a stream has had its effect: a sequence number or `SHARD_END`. */
export interface CheckpointStore {
  /**
   * @returns null where there is none; so too where it was made of another stream of the same name,
   * whose sequence numbers mean nothing in this one
   * @throws LazuliError `staging_unavailable`
   */
  get(stream: StreamIdentity, shardId: string): Promise<string | null>;
  /**
   * Durable when it resolves.
   *
   * @throws LazuliError `staging_unavailable`
   */
  put(stream: StreamIdentity, shardId: string, checkpoint: string): Promise<void>;
}

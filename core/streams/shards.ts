import type { Shard } from './source.ts';

/**
 * Which shards may start: those not yet done whose parents are done. A parent that the stream no longer lists
 * has outlived its retention: nothing of it is left to read.
 *
 * @param done shards whose end has been checkpointed
 * @param active shards that are being read
 */
export function readyShards(
  shards: readonly Shard[],
  done: ReadonlySet<string>,
  active: { has(shardId: string): boolean },
): readonly string[] {
  const listed = new Set(shards.map(({ shardId }) => shardId));
  const drained = (parent: string) => done.has(parent) || !listed.has(parent);
  return shards.flatMap(({ shardId, parents }) =>
    !done.has(shardId) && !active.has(shardId) && parents.every(drained) ? [shardId] : [],
  );
}

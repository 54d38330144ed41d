import { LazuliError } from '../config/errors.ts';
import { type CheckpointStore, shardEnd } from './checkpoints.ts';
import type { StreamSource } from './source.ts';

/** What of a stream has not had its effect yet. */
export interface Backlog {
  readonly records: number;
  /** false: there are more than could be counted */
  readonly complete: boolean;
}

/** At most so many records a read, as Kinesis has it. */
const recordsPerRead = 10_000;
/** Counting reads what consumers read, and shares their throughput. */
const maxReads = 20;

/**
 * Counts the records after the checkpoints of a stream's shards, by reading them; so it tells the truth
 * also while nobody else reads.
 *
 * @param signal ends the count early: the backlog isn't complete then
 * @throws LazuliError `stream_unavailable` where there is no such stream; what the source throws
 */
export async function backlogOf(
  source: StreamSource,
  stream: string,
  checkpoints: CheckpointStore,
  signal: AbortSignal,
): Promise<Backlog> {
  const found = await source.identify(signal);
  if (found === null) throw new LazuliError('stream_unavailable', `There is no stream '${stream}'.`);
  const shards = await source.shards(signal);
  const counts = await Promise.all(
    shards.map(async ({ shardId }) => {
      const checkpoint = await checkpoints.get(found, shardId);
      return checkpoint === shardEnd ? nothing : unread(source, shardId, checkpoint, signal);
    }),
  );
  return {
    records: counts.reduce((total, { records }) => total + records, 0),
    complete: counts.every(({ complete }) => complete),
  };
}

const nothing: Backlog = { records: 0, complete: true };

/** The records of one shard after a checkpoint, as far as reading them goes. */
async function unread(
  source: StreamSource,
  shardId: string,
  checkpoint: string | null,
  signal: AbortSignal,
): Promise<Backlog> {
  let records = 0;
  try {
    let iterator: string | null = await source.iterator(shardId, checkpoint, signal);
    for (let reads = 0; reads < maxReads; reads++) {
      const page = await source.page(iterator, recordsPerRead, signal);
      records += page.records.length;
      iterator = page.next;
      if (iterator === null || page.millisBehindLatest === 0) return { records, complete: true };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return { records, complete: false };
}

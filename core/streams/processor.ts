/**
 * The record-processor life cycle of the Kinesis Client Library, whatever drives it: a driver in this
 * process, or KCL itself. One processor per shard, created by a factory when its lease is taken.
 */
export interface RecordProcessor {
  /** Called once, before any records. */
  initialize(input: { readonly shardId: string; readonly checkpoint: string | null }): Promise<void>;
  /**
   * Records in the order of the shard. Returning doesn't checkpoint: the processor does when the
   * effects of the records are durable. It may keep records and checkpoint them later; the driver
   * calls again, with an empty list too, at least every `idleMillis`, so that the processor can flush.
   */
  processRecords(input: ProcessRecordsInput): Promise<void>;
  /** Another worker has the shard now: drop unfinished work, write and checkpoint nothing. */
  leaseLost(): Promise<void>;
  /** The shard is closed and all its records were processed: flush, then checkpoint. Children start afterwards. */
  shardEnded(input: { readonly checkpointer: Checkpointer }): Promise<void>;
  /** The worker is stopping: flush if quick, checkpoint what is durable. */
  shutdownRequested(input: { readonly checkpointer: Checkpointer }): Promise<void>;
}

export interface ProcessRecordsInput {
  readonly records: readonly StreamRecord[];
  readonly checkpointer: Checkpointer;
  /** how far behind the tip of the shard these records are; 0 when caught up */
  readonly millisBehindLatest: number;
}

export interface StreamRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** milliseconds since the epoch */
  readonly arrived: number;
}

export interface Checkpointer {
  /**
   * Everything up to and including this record has had its effect. Without a sequence number, at the
   * end of a shard: the shard is done.
   *
   * @throws LazuliError `lease_lost`
   */
  checkpoint(sequenceNumber?: string): Promise<void>;
}

export type RecordProcessorFactory = (shardId: string) => RecordProcessor;

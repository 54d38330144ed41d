import { LazuliError } from '../config/errors.ts';
import { type CheckpointStore, shardEnd } from './checkpoints.ts';
import type { Checkpointer, StreamRecord } from './processor.ts';
import { compareSequence } from './sequence.ts';
import type { StreamIdentity } from './source.ts';

interface Pending {
  readonly sequenceNumber: string;
  /** since when its cause waits, milliseconds since the epoch */
  readonly since: number;
}

/** The checkpoint of one shard: only ever moves on, and only over records that were handed over. */
export class ShardCheckpointer implements Checkpointer {
  readonly #store: CheckpointStore;
  readonly #stream: StreamIdentity;
  readonly #shardId: string;
  #saved: string | null;
  readonly #since: (record: StreamRecord) => number;
  /** handed over and not checkpointed yet, in the order of the shard */
  #pending: Pending[] = [];
  #allHandedOver = false;
  #lost = false;
  #writing: Promise<void> = Promise.resolve();

  /** @param since since when a record's cause waits, milliseconds since the epoch */
  constructor(
    store: CheckpointStore,
    stream: StreamIdentity,
    shardId: string,
    saved: string | null,
    since: (record: StreamRecord) => number = ({ arrived }) => arrived,
  ) {
    this.#store = store;
    this.#stream = stream;
    this.#shardId = shardId;
    this.#saved = saved;
    this.#since = since;
  }

  /** the checkpoint that is durable */
  get saved(): string | null {
    return this.#saved;
  }

  /** how many records were handed over and not checkpointed yet */
  get pending(): number {
    return this.#pending.length;
  }

  /** since when the oldest of them waits, milliseconds since the epoch; null where there is none */
  get oldest(): number | null {
    if (this.#pending.length === 0) return null;
    return this.#pending.reduce((oldest, { since }) => Math.min(oldest, since), Number.POSITIVE_INFINITY);
  }

  handedOver(records: readonly StreamRecord[]): void {
    for (const record of records)
      this.#pending.push({ sequenceNumber: record.sequenceNumber, since: this.#since(record) });
  }

  /** From here on the shard's end can be checkpointed. */
  endReached(): void {
    this.#allHandedOver = true;
  }

  /** From here on nothing is written. @returns when what was being written is */
  lose(): Promise<void> {
    this.#lost = true;
    return this.#writing;
  }

  /** Writes one after the other, so that the last one is the furthest. */
  async checkpoint(sequenceNumber?: string): Promise<void> {
    const checkpoint = this.#check(sequenceNumber);
    const written = this.#writing.then(() => this.#write(checkpoint));
    this.#writing = written.catch(() => {});
    return written;
  }

  #check(sequenceNumber: string | undefined): string {
    const last = this.#pending.at(-1)?.sequenceNumber ?? this.#saved;
    if (sequenceNumber === undefined) {
      if (!this.#allHandedOver) throw new RangeError(`${this.#shardId}: only at its end can a shard be done`);
      return shardEnd;
    }
    const handedOver = last !== null && (last === shardEnd || compareSequence(sequenceNumber, last) <= 0);
    if (!handedOver) throw new RangeError(`${this.#shardId}: ${sequenceNumber} was not handed over`);
    return sequenceNumber;
  }

  async #write(checkpoint: string): Promise<void> {
    if (this.#lost) throw lost(this.#stream, this.#shardId);
    // Already covered: what is saved says the same and more.
    if (this.#saved !== null && !isFurther(checkpoint, this.#saved)) return;
    await this.#store.put(this.#stream, this.#shardId, checkpoint);
    this.#saved = checkpoint;
    this.#pending = this.#pending.filter(({ sequenceNumber }) => isFurther(sequenceNumber, checkpoint));
  }
}

function isFurther(a: string, b: string): boolean {
  if (b === shardEnd) return false;
  return a === shardEnd || compareSequence(a, b) > 0;
}

function lost(stream: StreamIdentity, shardId: string): LazuliError {
  return new LazuliError('lease_lost', `Shard ${shardId} of stream '${stream.name}' is no longer read here.`, {
    remedy: 'Drop the work: whoever reads the shard now processes its records again.',
  });
}

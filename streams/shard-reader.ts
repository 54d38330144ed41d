import { streamFault } from './faults.ts';
import type { StreamRecord } from './processor.ts';
import type { StreamSource } from './source.ts';

/** What one read of a shard gave. */
export interface ShardRead {
  readonly records: readonly StreamRecord[];
  readonly millisBehindLatest: number;
}

/** Reads one shard onwards from a position, whatever becomes of its iterators. */
export class ShardReader {
  readonly #source: StreamSource;
  readonly #shardId: string;
  readonly #limit: number;
  /** sequence number of the last record read, or of the checkpoint */
  #position: string | null;
  #iterator: string | null = null;
  #ended = false;

  constructor(source: StreamSource, shardId: string, position: string | null, limit: number) {
    this.#source = source;
    this.#shardId = shardId;
    this.#position = position;
    this.#limit = limit;
  }

  /** Whether the shard is closed and all of it has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** One page. After an error, the next read continues where this one began. */
  async read(signal: AbortSignal): Promise<ShardRead> {
    this.#iterator ??= await this.#source.iterator(this.#shardId, this.#position, signal);
    try {
      const { records, millisBehindLatest, next } = await this.#source.page(this.#iterator, this.#limit, signal);
      this.#iterator = next;
      this.#ended = next === null;
      this.#position = records.at(-1)?.sequenceNumber ?? this.#position;
      return { records, millisBehindLatest };
    } catch (error) {
      if (streamFault(error) === 'expired') this.#iterator = null;
      throw error;
    }
  }
}

import type { ShardPages, ShardRead } from './shard-pages.ts';

/** Reads one shard onwards from a position of its own, whatever others read. */
export class ShardReader {
  readonly #pages: ShardPages;
  /** sequence number of the last record read, or of the checkpoint */
  #position: string | null;
  #ended = false;
  #closed = false;

  constructor(pages: ShardPages, position: string | null) {
    this.#pages = pages;
    this.#position = position;
    pages.readers++;
  }

  /** Whether the shard is closed and all of it has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** One page. After an error, the next read continues where this one began. */
  async read(signal: AbortSignal): Promise<ShardRead> {
    const read = await this.#pages.read(this.#position, signal);
    this.#position = read.records.at(-1)?.sequenceNumber ?? this.#position;
    this.#ended = read.ended;
    return read;
  }

  /** Nothing more will be read. */
  close(): void {
    if (!this.#closed) this.#pages.readers--;
    this.#closed = true;
  }
}

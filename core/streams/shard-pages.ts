import { streamFault } from './faults.ts';
import type { StreamRecord } from './processor.ts';
import { compareSequence } from './sequence.ts';
import { Shared } from './shared.ts';
import type { StreamSource } from './source.ts';
import { type Pace, Turns } from './turns.ts';

/** What one read of a shard gave. */
export interface ShardRead {
  readonly records: readonly StreamRecord[];
  readonly millisBehindLatest: number;
  /** all that arrived before this time was read up to here, in milliseconds since the epoch */
  readonly readUntil: number;
  /** whether the shard is closed and there is nothing after these records */
  readonly ended: boolean;
}

/** A read that others can use: all records after a position, up to the last one here. */
interface Page extends ShardRead {
  /** sequence number; null: the oldest record of the shard */
  readonly after: string | null;
  readonly last: string;
  readonly bytes: number;
}

/** How a shard is read. */
export interface PagesParts extends Pace {
  readonly source: StreamSource;
  readonly shardId: string;
  readonly recordsPerRead: number;
}

/** Bytes of records that are kept for other readers; the last page is kept whatever it has, which is 10 MiB at most. */
const maxBytes = 4 * 2 ** 20;
/** A read is tried again at once, in its next turn, so often. */
const maxThrottled = 5;

/**
 * The reads of one shard by all its readers in this process. A reader at the same place as others, as all that have
 * caught up, shares a request with them, or gets what they got a while ago. One that is further behind reads alone, until
 * it reaches what is kept. All requests take turns, so that readers don't use up what Kinesis allows of a shard.
 */
export class ShardPages {
  readonly #parts: PagesParts;
  readonly #turns: Turns;
  /** by position; one for each at most, so as many as there are readers */
  readonly #asked = new Map<string | null, Shared<ShardRead>>();
  /** where reading can go on without being asked where that is */
  readonly #iterators = new Map<string | null, string>();
  /** in the order of the shard */
  #kept: Page[] = [];
  /** how many read: what is read is kept where there are several */
  readers = 0;

  constructor(parts: PagesParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts);
  }

  /**
   * One page.
   *
   * @param position sequence number after which to go on; null: the oldest record
   * @throws what the source throws; the signal's reason
   */
  read(position: string | null, signal: AbortSignal): Promise<ShardRead> {
    const kept = this.#keptAfter(position);
    if (kept !== null) return Promise.resolve(kept);
    let asked = this.#asked.get(position);
    if (asked === undefined || asked.isLeft) {
      asked = new Shared((left) => this.#ask(position, left));
      this.#asked.set(position, asked);
      const forget = () => {
        if (this.#asked.get(position) === asked) this.#asked.delete(position);
      };
      asked.done.then(forget, forget);
    }
    return asked.join(signal);
  }

  async #ask(position: string | null, signal: AbortSignal): Promise<ShardRead> {
    for (let throttled = 1; ; throttled++) {
      try {
        return await this.#turns.take(() => this.#request(position, signal), signal);
      } catch (error) {
        if (streamFault(error) === 'expired') this.#iterators.delete(position);
        if (streamFault(error) !== 'throttled') throw error;
        this.#turns.throttled();
        if (throttled === maxThrottled) throw error;
      }
    }
  }

  async #request(position: string | null, signal: AbortSignal): Promise<ShardRead> {
    // Others may have been here while this one waited for its turn.
    const kept = this.#keptAfter(position);
    if (kept !== null) return kept;
    const { source, shardId, recordsPerRead, clock } = this.#parts;
    const iterator = this.#iterators.get(position) ?? (await source.iterator(shardId, position, signal));
    this.#iterators.set(position, iterator);
    const asked = clock.now();
    const { records, millisBehindLatest, next } = await source.page(iterator, recordsPerRead, signal);
    this.#turns.answered();
    const read = { records, millisBehindLatest, readUntil: asked - millisBehindLatest, ended: next === null };
    this.#iterators.delete(position);
    const last = records.at(-1)?.sequenceNumber ?? null;
    if (next !== null) this.#iterators.set(last ?? position, next);
    if (last !== null) this.#keep({ ...read, after: position, last, bytes: bytesOf(records) });
    this.#forgetIterators();
    return read;
  }

  /** What is furthest ahead stays: all others come to it. */
  #keep(page: Page): void {
    if (this.readers < 2) {
      this.#kept = [];
      return;
    }
    this.#kept = [...this.#kept, page].sort((a, b) => compareSequence(a.last, b.last));
    let bytes = this.#kept.reduce((sum, one) => sum + one.bytes, 0);
    while (bytes > maxBytes && this.#kept.length > 1) bytes -= this.#kept.shift()?.bytes ?? 0;
  }

  /** Readers that have left leave iterators behind, which are of no use after five minutes. */
  #forgetIterators(): void {
    for (const position of this.#iterators.keys()) {
      if (this.#iterators.size <= this.readers + 1) return;
      this.#iterators.delete(position);
    }
  }

  #keptAfter(position: string | null): ShardRead | null {
    const page = this.#kept.find(({ after, last }) => isWithin(position, after, last));
    if (page === undefined) return null;
    const records =
      position === page.after
        ? page.records
        : page.records.filter(({ sequenceNumber }) => compareSequence(sequenceNumber, position ?? '') > 0);
    const { ended, millisBehindLatest, readUntil } = page;
    if (!this.#kept.some(({ after }) => after === page.last)) return { records, ended, millisBehindLatest, readUntil };
    const arrived = records.at(-1)?.arrived ?? readUntil;
    return { records, ended, millisBehindLatest: Math.max(1, millisBehindLatest), readUntil: arrived };
  }
}

function isWithin(position: string | null, after: string | null, last: string): boolean {
  if (position === null) return after === null;
  return (after === null || compareSequence(position, after) >= 0) && compareSequence(position, last) < 0;
}

const bytesOf = (records: readonly StreamRecord[]): number =>
  records.reduce((sum, { data }) => sum + data.byteLength, 0);

import type { IngestCounts } from '../core/control/ingest.ts';

/** Seconds over which the rate is taken. */
const span = 10;

/** Counts for all shards of a process. */
export class IngestMeter {
  #counts: IngestCounts = { read: 0, staged: 0, deadLettered: 0, batches: 0 };
  /** staged, by second */
  readonly #recent = new Map<number, number>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  get counts(): IngestCounts {
    return this.#counts;
  }

  /** bundles staged a second, over the last ten */
  get rate(): number {
    this.#forget();
    return [...this.#recent.values()].reduce((sum, n) => sum + n, 0) / span;
  }

  add(more: Partial<IngestCounts>): void {
    const { read, staged, deadLettered, batches } = this.#counts;
    this.#counts = {
      read: read + (more.read ?? 0),
      staged: staged + (more.staged ?? 0),
      deadLettered: deadLettered + (more.deadLettered ?? 0),
      batches: batches + (more.batches ?? 0),
    };
    this.#forget();
    const second = this.#second();
    this.#recent.set(second, (this.#recent.get(second) ?? 0) + (more.staged ?? 0));
  }

  #forget(): void {
    const oldest = this.#second() - span;
    for (const second of this.#recent.keys()) if (second <= oldest) this.#recent.delete(second);
  }

  #second(): number {
    return Math.floor(this.#now() / 1000);
  }
}

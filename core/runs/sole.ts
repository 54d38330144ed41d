import { z } from 'zod';
import { jsonBytes, jsonOrNothing } from '../config/text.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Clock, Records } from '../runtime/ports.ts';

/** A term of a lease. Who makes the record has the lease, and nobody else ever writes it. */
const termSchema = z.strictObject({
  worker: z.string(),
  /** goes up while the worker lives */
  beat: z.int().min(0),
  /** whether the worker has given it up */
  over: z.boolean(),
});
type Term = z.output<typeof termSchema>;

export interface SoleParts {
  /** of the work */
  readonly name: string;
  readonly worker: string;
  readonly records: Records;
  readonly clock: Clock;
  readonly logger: Logger;
  /** between two signs of life, and two looks for them; default two seconds */
  readonly beatMillis?: number;
}

/** Looks without a sign of life after which a worker counts as gone. */
const patience = 5;

/**
 * Work that one of several workers does: who has the lease. As those of the Kinesis Client Library, a lease is a counter that
 * its holder moves; where it stands still over several looks another worker takes the next term. So no clocks are compared.
 * A worker that was taken for gone finds the next term at its next beat, and stops; what it does until then must be harmless.
 */
export class Sole {
  readonly #parts: Required<SoleParts>;
  readonly #stop = new AbortController();
  #seen: { readonly key: string; readonly looks: number } | null = null;

  constructor(parts: SoleParts) {
    this.#parts = { beatMillis: 2_000, ...parts };
  }

  /**
   * Works whenever this worker has the lease, until stopped.
   *
   * @param work begins anew in each term, and ends soon when the signal is aborted
   */
  async run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const term = await this.#claim().catch((err: unknown) => this.#cannot(err));
      if (term !== null) await this.#hold(term, work);
      else await this.#rest();
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** @returns the number of the term that is this worker's now; null where another one has the lease */
  async #claim(): Promise<number | null> {
    const { records, worker } = this.#parts;
    const newest = await this.#newest();
    const last = newest === null ? null : await this.#term(newest);
    if (last !== null && !last.over && !this.#isStill(newest, last)) return null;
    const next = (newest ?? 0) + 1;
    const isOurs = await records.putIfAbsent(this.#key(next), jsonBytes({ worker, beat: 0, over: false }));
    return isOurs && (await this.#newest()) === next ? next : null;
  }

  /** Whether a worker gave no sign of life over many looks. */
  #isStill(number: number | null, { worker, beat }: Term): boolean {
    const key = `${number} ${worker} ${beat}`;
    const looks = this.#seen?.key === key ? this.#seen.looks + 1 : 0;
    this.#seen = { key, looks };
    return looks >= patience;
  }

  async #hold(number: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { name, logger, worker } = this.#parts;
    const lost = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, lost.signal]);
    logger.info({ lease: name, term: number, worker }, 'this worker has the lease');
    const working = work(signal).catch((err: unknown) =>
      logger.error({ lease: name, err }, 'the work of a lease failed'),
    );
    const done = working.finally(() => lost.abort());
    for (let beat = 1; !signal.aborted; beat++) {
      await this.#rest(signal);
      if (!signal.aborted && !(await this.#beat(number, beat))) lost.abort();
    }
    await done;
    await this.#giveUp(number).catch((err: unknown) => this.#cannot(err));
  }

  /** @returns whether the lease is still this worker's */
  async #beat(number: number, beat: number): Promise<boolean> {
    const { records, worker } = this.#parts;
    try {
      const numbers = await this.#numbers();
      if (Math.max(...numbers) !== number) return false;
      await records.put(this.#key(number), jsonBytes({ worker, beat, over: false }));
      for (const old of numbers) if (old < number) await records.delete(this.#key(old));
      return true;
    } catch (error) {
      // Others can't read it either; whoever can takes the next term.
      this.#cannot(error);
      return true;
    }
  }

  async #giveUp(number: number): Promise<void> {
    const { records, worker } = this.#parts;
    if ((await this.#newest()) === number)
      await records.put(this.#key(number), jsonBytes({ worker, beat: 0, over: true }));
  }

  async #newest(): Promise<number | null> {
    const numbers = await this.#numbers();
    return numbers.length === 0 ? null : Math.max(...numbers);
  }

  async #numbers(): Promise<readonly number[]> {
    const folder = this.#folder();
    const numbers: number[] = [];
    for await (const key of this.#parts.records.list(folder))
      numbers.push(Number.parseInt(key.slice(folder.length), 10));
    return numbers.filter(Number.isInteger);
  }

  /** A damaged one is over. */
  async #term(number: number): Promise<Term | null> {
    const value = await this.#parts.records.get(this.#key(number));
    return value === null ? null : (termSchema.safeParse(jsonOrNothing(value)).data ?? null);
  }

  async #rest(signal: AbortSignal = this.#stop.signal): Promise<void> {
    await this.#parts.clock.sleep(this.#parts.beatMillis, signal).catch(() => undefined);
  }

  #cannot(err: unknown): null {
    this.#parts.logger.warn({ lease: this.#parts.name, err }, 'a lease can not be looked at now');
    return null;
  }

  /** No catalog's name begins with `_`. */
  #folder(): string {
    return `_leases/${this.#parts.name}/`;
  }

  #key(number: number): string {
    return `${this.#folder()}${String(number).padStart(8, '0')}.json`;
  }
}

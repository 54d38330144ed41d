import type { Loading } from '../loading.ts';
import { Compactor, type CompactorParts } from './compactor.ts';
import { Removals } from './removals.ts';

/** Keeps what is staged in order: sources are removed from it, small batches merged, some loaded once more. */
export class Upkeep {
  readonly #compactor: Compactor;
  readonly #removals: Removals;
  readonly #loading: Loading;

  constructor(parts: CompactorParts) {
    this.#compactor = new Compactor(parts);
    this.#removals = new Removals(parts);
    this.#loading = parts.loading;
  }

  /** A little of what can wait. @returns whether there was anything */
  step(): Promise<boolean> {
    return this.#compactor.step();
  }

  /** Has everything of a source removed that is staged by now, the next time that it is tidied; resolves when that is certain. */
  remove(source: string): Promise<void> {
    return this.#removals.want(source);
  }

  /** Has batches loaded once more that were staged since a time, in milliseconds since the epoch. @returns how many */
  replay(from: number): Promise<number> {
    return this.#loading.forgetSince(from);
  }

  async tidy(): Promise<void> {
    if (await this.#removals.doAll()) this.#compactor.abandon();
    await this.#compactor.deleteRetired();
  }
}

import { Compactor, type CompactorParts } from './compactor.ts';
import { Removals } from './removals.ts';

/** Keeps what is staged in order: sources are removed from it, and small batches merged. */
export class Upkeep {
  readonly #compactor: Compactor;
  readonly #removals: Removals;

  constructor(parts: CompactorParts) {
    this.#compactor = new Compactor(parts);
    this.#removals = new Removals(parts);
  }

  /** A little of what can wait. @returns whether there was anything */
  step(): Promise<boolean> {
    return this.#compactor.step();
  }

  /** Has everything of a source removed that is staged by now, the next time that it is tidied; resolves when that is certain. */
  remove(source: string): Promise<void> {
    return this.#removals.want(source);
  }

  async tidy(): Promise<void> {
    if (await this.#removals.doAll()) this.#compactor.abandon();
    await this.#compactor.deleteRetired();
  }
}

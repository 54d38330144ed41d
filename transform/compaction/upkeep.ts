import { LazuliError } from '../../core/config/errors.ts';
import { Compactor, type CompactorParts } from './compactor.ts';
import { Disposal, type DisposalParts } from './disposal.ts';
import { Removals } from './removals.ts';

/** Keeps what is staged in order: sources are removed from it, small batches merged, some loaded once more. */
export class Upkeep {
  readonly #compactor: Compactor;
  readonly #removals: Removals;
  readonly #disposal: Disposal;
  readonly #parts: CompactorParts & DisposalParts;

  constructor(parts: CompactorParts & DisposalParts) {
    this.#compactor = new Compactor(parts);
    this.#removals = new Removals(parts);
    this.#disposal = new Disposal(parts);
    this.#parts = parts;
  }

  /** A little of what can wait. @returns whether there was anything */
  step(): Promise<boolean> {
    return this.#compactor.step();
  }

  /**
   * Has everything of a source removed that is staged by now, the next time that it is tidied; resolves when that is certain.
   *
   * @throws LazuliError `conflict` while a run stages the source anew, which would bring it back
   */
  async remove(source: string): Promise<void> {
    if (this.#parts.cut() === null) return this.#removals.want(source);
    throw new LazuliError('conflict', 'A run stages the repository anew, and may have staged the source again.', {
      remedy: 'Let it end, or cancel it: `lazuli runs cancel`. Then remove the source.',
    });
  }

  /** Has batches loaded once more that were staged since a time, in milliseconds since the epoch. @returns how many */
  replay(from: number): Promise<number> {
    return this.#parts.loading.forgetSince(from);
  }

  async tidy(): Promise<void> {
    if (await this.#removals.doAll()) this.#compactor.abandon();
    await this.#disposal.dispose();
  }
}

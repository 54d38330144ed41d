import { LazuliError } from '../../core/config/errors.ts';
import type { Restagings } from '../../core/runs/restaging.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Loading } from '../loading/loading.ts';
import { Compactor } from './compactor.ts';
import type { Cut } from './cut.ts';
import { Disposal } from './disposal.ts';
import { Removals } from './removals.ts';

/** Looks after what is staged: removes sources from it, merges small batches, has some loaded once more. */
export class Upkeep {
  readonly #compactor: Compactor;
  readonly #removals: Removals;
  readonly #disposal: Disposal;
  readonly #loading: Loading;

  constructor(context: CatalogContext, loading: Loading, restagings: Restagings) {
    this.#compactor = new Compactor(context, loading);
    this.#removals = new Removals(context, loading);
    this.#disposal = new Disposal(context, loading.staged, restagings);
    this.#loading = loading;
  }

  /**
   * A little of what can wait.
   *
   * @param cut which batches must not be put together at present
   * @param copied the commit up to which a copy of the store has everything
   * @returns whether there was anything
   */
  step(cut: Cut, copied: number): Promise<boolean> {
    return this.#compactor.step(cut, copied);
  }

  /**
   * Has everything of a source removed that is staged by now, the next time that it is tidied; resolves when that is certain.
   *
   * @throws LazuliError `conflict` while a run stages from the repository, which would bring the source back
   */
  async remove(source: string, cut: Cut): Promise<void> {
    if (cut === null) {
      // Nothing that is removed may be merged with what comes after.
      this.#compactor.abandon();
      return this.#removals.want(source);
    }
    throw new LazuliError('conflict', 'A run stages from the repository, and may have staged the source again.', {
      remedy: 'Let it end, or cancel it: `lazuli runs cancel`. Then remove the source.',
    });
  }

  /** Has batches loaded once more that were staged since a time, in milliseconds since the epoch. @returns how many */
  replay(from: number): Promise<number> {
    return this.#loading.forgetSince(from);
  }

  async tidy(): Promise<void> {
    if (await this.#removals.doAll()) this.#compactor.abandon();
    await this.#disposal.dispose();
  }
}

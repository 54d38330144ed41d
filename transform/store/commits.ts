import type { Store } from './store.ts';

/** The store's own counter of transactions that load or compute: the lower half of document versions. */
export class Commits {
  readonly #store: Store;
  #current = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  get current(): number {
    return this.#current;
  }

  async read(): Promise<void> {
    this.#current = Number((await this.#store.meta('commit')) ?? 0);
  }

  /** The number of the caller's transaction. Numbers of transactions that were rolled back may be left out. */
  async next(): Promise<number> {
    this.#current++;
    await this.#store.setMeta('commit', String(this.#current));
    return this.#current;
  }
}

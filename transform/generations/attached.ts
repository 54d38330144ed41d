import { layoutHash } from '../../core/documents/document-layout.ts';
import { text } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { Store } from '../store/store.ts';
import type { Ledger } from './ledger.ts';

/**
 * The generations that a store has written from their beginning and to which it writes whatever loads touch. All but
 * one that is being built hold every document, but for what waits to be written.
 */
export class Attached {
  readonly #store: Store;
  readonly #ledger: Ledger;
  /** names the layout of what is written */
  readonly #layout: string;
  /** whether it is built, by number */
  readonly #built = new Map<number, boolean>();

  constructor(store: Store, ledger: Ledger, plugin: MetadataPlugin) {
    this.#store = store;
    this.#ledger = ledger;
    this.#layout = layoutHash(plugin);
  }

  get all(): readonly number[] {
    return [...this.#built.keys()];
  }

  /** the last one first */
  get built(): readonly number[] {
    return this.all.filter((number) => this.isBuilt(number)).sort((a, b) => b - a);
  }

  has(number: number): boolean {
    return this.#built.has(number);
  }

  isBuilt(number: number): boolean {
    return this.#built.get(number) === true;
  }

  /**
   * Reads what the store knows. One that was laid out in another way can't be kept current.
   *
   * @param usable whether nothing is missing of a generation that is, or isn't, built
   * @returns the one that was being built, usable or not; null where none was
   */
  async read(usable: (number: number, built: boolean) => boolean): Promise<number | null> {
    const rows = await this.#store.rows('SELECT * FROM generations ORDER BY generation');
    this.#built.clear();
    let unfinished: number | null = null;
    for (const { generation, layout, built } of rows) {
      const number = Number(generation);
      if (built !== true) unfinished = number;
      if (layout === this.#layout && usable(number, built === true)) this.#built.set(number, built === true);
      else await this.remove(number);
    }
    return unfinished;
  }

  /** One that is being built from now on; in the transaction that plans it. */
  async add(number: number): Promise<void> {
    await this.#store.run(`INSERT INTO generations VALUES (${number}, ${text(this.#layout)}, false)`);
    this.#built.set(number, false);
  }

  async finish(number: number): Promise<void> {
    await this.#store.run(`UPDATE generations SET built = true WHERE generation = ${number}`);
    this.#built.set(number, true);
  }

  async remove(number: number): Promise<void> {
    await this.#store.run(`DELETE FROM generations WHERE generation = ${number}`);
    await this.#ledger.forget(number);
    this.#built.delete(number);
  }

  async removeAll(): Promise<void> {
    await this.#store.run('DELETE FROM generations');
    await this.#ledger.forgetAll();
    this.#built.clear();
  }
}

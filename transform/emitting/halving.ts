/**
 * Finds out which item of a queue fails, by halves: how many may be tried at once, given what came of those before.
 * The queue must keep its order; where it doesn't, it takes longer.
 */
export class Halving {
  readonly #atOnce: number;
  /** so many next ones, of which at least one fails; 0: nothing is known of any */
  #suspects = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** that may be tried at once */
  get most(): number {
    return this.#suspects === 0 ? this.#atOnce : Math.ceil(this.#suspects / 2);
  }

  /** So many next ones have gone. */
  passed(items: number): void {
    this.#suspects = Math.max(0, this.#suspects - items);
  }

  /** So many next ones have failed together. @returns whether it is one, which has failed twice on its own */
  failed(items: number): boolean {
    const isAlone = items === 1 && this.#suspects === 1;
    this.#suspects = items;
    return isAlone;
  }
}

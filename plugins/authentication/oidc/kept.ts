/**
 * What somebody else has, and is kept for a while. It is asked for when it is first needed; those who need it at the same time
 * share a request. A failure is not kept.
 */
export class Kept<T> {
  readonly #load: () => Promise<T>;
  readonly #millis: number;
  readonly #now: () => number;
  #last: { readonly value: T; readonly at: number } | undefined;
  #loading: Promise<T> | undefined;

  /** @param load ends in time, whatever happens */
  constructor(load: () => Promise<T>, millis: number, now: () => number) {
    this.#load = load;
    this.#millis = millis;
    this.#now = now;
  }

  /** @throws what loading it throws */
  async get(): Promise<T> {
    const age = this.#last === undefined ? Infinity : this.#now() - this.#last.at;
    // A clock that was set back says nothing about the age.
    return this.#last !== undefined && age >= 0 && age < this.#millis ? this.#last.value : this.renew();
  }

  /** Asks again, though what is kept is not old. @throws what loading it throws */
  renew(): Promise<T> {
    this.#loading ??= this.#again().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #again(): Promise<T> {
    const value = await this.#load();
    this.#last = { value, at: this.#now() };
    return value;
  }
}

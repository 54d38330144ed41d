/** Those who wait for the same work. */
export class Waiting {
  readonly #signals = new Set<AbortSignal>();
  readonly #nobody = new AbortController();

  /** aborts when none of them waits any more: the work should end then */
  get signal(): AbortSignal {
    return this.#nobody.signal;
  }

  /** @param one aborts when somebody doesn't wait any more, who waits from now on */
  join(one: AbortSignal): void {
    if (this.#signals.has(one)) return;
    this.#signals.add(one);
    const leave = () => {
      this.#signals.delete(one);
      if (this.#signals.size === 0) this.#nobody.abort(one.reason);
    };
    if (one.aborted) leave();
    else one.addEventListener('abort', leave, { once: true });
  }
}

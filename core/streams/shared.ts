/** Work that several wait for. It ends early when all of them have left. */
export class Shared<T> {
  readonly done: Promise<T>;
  readonly #left = new AbortController();
  #waiting = 0;

  /** @param work its signal aborts when nobody waits any more */
  constructor(work: (left: AbortSignal) => Promise<T>) {
    this.done = work(this.#left.signal);
    // Those who have joined get the error.
    this.done.catch(() => {});
  }

  /** Whether all who waited have left, so that nothing comes of it. */
  get isLeft(): boolean {
    return this.#left.signal.aborted;
  }

  /** @throws what the work throws; the signal's reason */
  async join(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const leave = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting++;
    try {
      return await Promise.race([this.done, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
      if (--this.#waiting === 0) this.#left.abort(new Error('Nobody waits any more.'));
    }
  }
}

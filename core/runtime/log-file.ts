/** How long a reader that is slow is waited for, in milliseconds: whoever works must go on. */
const maxWaits = 10;
const waitMillis = 100;

/**
 * Where lines of a log go. A line that can't be written (the disk is full, the reader has gone) is lost, and counted: a
 * log never ends the work. Once there is room again, a line says how many.
 */
export class LogFile {
  readonly #write: (bytes: Uint8Array) => number;
  #lost = 0;
  /** the last line was cut: what follows must not continue it */
  #torn = false;

  /** @param write takes some of the bytes at least, and says how many */
  constructor(write: (bytes: Uint8Array) => number) {
    this.#write = write;
  }

  /** @param line with its end */
  write(line: string): void {
    const lost = this.#lost;
    const note =
      lost === 0 ? '' : `${JSON.stringify({ level: 40, lost, msg: 'lines of this log could not be written' })}\n`;
    try {
      this.#whole(`${this.#torn ? '\n' : ''}${note}${line}`);
      this.#lost = 0;
      this.#torn = false;
    } catch {
      this.#lost++;
    }
  }

  /** Whoever has left once isn't waited for again before it is back. */
  get #patience(): number {
    return this.#lost === 0 ? maxWaits : 0;
  }

  /** A full disk takes a part. */
  #whole(text: string): void {
    for (let rest: Uint8Array = Buffer.from(text); rest.length > 0; ) {
      rest = rest.subarray(this.#patiently(rest));
      this.#torn = rest.length > 0;
    }
  }

  #patiently(bytes: Uint8Array): number {
    for (let waits = 0; ; waits++) {
      try {
        return this.#write(bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || waits >= this.#patience) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMillis);
      }
    }
  }
}

/** Between two lines. */
const everyMillis = 20_000;

/** Tells now and then how far a long piece of work is, and when it will end. */
export class Pace {
  readonly #what: string;
  readonly #expected: number | null;
  readonly #say: (line: string) => void;
  readonly #started = performance.now();
  #said = this.#started;

  /** @param what is counted, such as `bundles staged` @param expected null where it isn't known */
  constructor(what: string, expected: number | null, say: (line: string) => void = console.log) {
    this.#what = what;
    this.#expected = expected;
    this.#say = say;
  }

  note(done: number): void {
    const now = performance.now();
    if (done === 0 || now - this.#said < everyMillis) return;
    this.#said = now;
    this.#say(paceLine(this.#what, done, this.#expected, (now - this.#started) / 1000));
  }
}

/** Pure. @param done above 0 @param seconds that it took */
export function paceLine(what: string, done: number, expected: number | null, seconds: number): string {
  if (expected === null) return `  ${done.toLocaleString('en-US')} ${what}`;
  const share = done / expected;
  const left = leftText((seconds * (1 - share)) / share);
  return `  ${done.toLocaleString('en-US')} of ${expected.toLocaleString('en-US')} ${what}, ${left} left`;
}

/** `40 s`, `12 min` */
export const leftText = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;

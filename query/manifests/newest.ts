import { LazuliError } from '../../core/config/errors.ts';
import { inTime } from '../../core/runtime/deadline.ts';
import type { Clock } from '../../core/runtime/ports.ts';

/** Number of the newest snapshot of a catalog; null where none is published. */
export type FindNewest = (catalog: string) => Promise<number | null>;

/** How long an answer may be used. */
const freshMillis = 1_000;
const answerMillis = 5_000;

/** Knows the newest snapshots, of which it asks at most once a second. */
export class NewestSnapshots {
  readonly #find: FindNewest;
  readonly #clock: Clock;
  readonly #asked = new Map<string, { readonly at: number; readonly found: Promise<number | null> }>();

  constructor(find: FindNewest, clock: Clock) {
    this.#find = find;
    this.#clock = clock;
  }

  /** @throws LazuliError `unavailable` where none is published yet, or nobody can tell */
  async of(catalog: string): Promise<number> {
    const number = await this.#remembered(catalog);
    if (number !== null) return number;
    throw new LazuliError('unavailable', `The documents of catalog '${catalog}' are not published for exports yet.`, {
      remedy: 'Try again in a minute.',
    });
  }

  #remembered(catalog: string): Promise<number | null> {
    const now = this.#clock.now();
    const known = this.#asked.get(catalog);
    // A clock that was set back must not keep an answer for long.
    if (known !== undefined && Math.abs(now - known.at) < freshMillis) return known.found;
    const late = () =>
      new LazuliError('unavailable', 'Where documents are published for exports can not be read.', {
        remedy: 'Try again in a few seconds.',
      });
    const found = inTime({ clock: this.#clock, millis: answerMillis, late }, () => this.#find(catalog));
    this.#asked.set(catalog, { at: now, found });
    found.catch(() => this.#asked.delete(catalog));
    return found;
  }
}

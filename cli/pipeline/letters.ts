import { LazuliError } from '../../core/config/errors.ts';
import { severalAtATime } from '../../core/runtime/several.ts';
import { type DeadLetter, deadLetterKey, parseLetterKey } from '../../core/storage/dead-letter.ts';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import { notificationPlace } from '../../ingest/dead-letter.ts';
import type { BundleAction } from './fed.ts';

/** Letters that are read, in all, for their reasons: keys are hashes, so the first of them are any. */
const mostRead = 500;
/** That are read at a time. */
const together = 16;
/** Stands for the reason of letters that were not read, as there are so many. */
export const notRead = 'not_read';

/** Dead letters of one catalog, as far as a status needs them. */
export interface Failures {
  /** how many for each reason; `unreadable` for letters that can't be read, `not_read` for those beyond the first 500 */
  readonly byReason: ReadonlyMap<string, number>;
  /** batches that are given up */
  readonly batches: number;
  /** whether a notification is given up */
  readonly has: (action: BundleAction) => boolean;
}

export const noFailures: Failures = { byReason: new Map(), batches: 0, has: () => false };

/** Looks at dead letters again and again: keys are listed each time, and letters read once, and not more than some. */
export class LetterLook {
  readonly #letters: Pick<DeadLetters, 'get' | 'keys'>;
  readonly #catalogs: readonly string[];
  readonly #reasons = new Map<string, string>();

  constructor(letters: Pick<DeadLetters, 'get' | 'keys'>, catalogs: readonly string[]) {
    this.#letters = letters;
    this.#catalogs = catalogs;
  }

  /**
   * All dead letters, by catalog. Under null those that no catalog of the settings has: records that could not be
   * read, and those of a catalog that there isn't.
   */
  async byCatalog(): Promise<ReadonlyMap<string | null, Failures>> {
    const keys: string[] = [];
    for await (const key of this.#letters.keys()) keys.push(key);
    await this.#read(keys);
    const byCatalog = Map.groupBy(keys, (key) => this.#catalogOf(key));
    return new Map([...byCatalog].map(([catalog, own]) => [catalog, this.#failures(catalog, own)]));
  }

  #catalogOf(key: string): string | null {
    const { catalog = null } = parseLetterKey(key) ?? {};
    return catalog !== null && this.#catalogs.includes(catalog) ? catalog : null;
  }

  #failures(catalog: string | null, keys: readonly string[]): Failures {
    const present = new Set(keys);
    const byReason = Map.groupBy(keys, (key) => this.#reasons.get(key) ?? notRead);
    return {
      byReason: new Map([...byReason].map(([reason, { length }]) => [reason, length])),
      batches: keys.filter((key) => parseLetterKey(key)?.kind === 'batch').length,
      has: ({ action, source, uuid, version }) =>
        present.has(deadLetterKey({ catalog, ...notificationPlace(action, { source, uuid, version }) })),
    };
  }

  /** Of letters that are gone nothing is remembered. */
  async #read(keys: readonly string[]): Promise<void> {
    const present = new Set(keys);
    for (const key of this.#reasons.keys()) if (!present.has(key)) this.#reasons.delete(key);
    const unknown = keys.filter((key) => !this.#reasons.has(key)).slice(0, Math.max(0, mostRead - this.#reasons.size));
    await severalAtATime(together, unknown, async (key) => {
      const letter = await this.#letters.get(key).catch(unreadableIfDamaged);
      if (letter !== null) this.#reasons.set(key, letter.reason);
    });
  }
}

function unreadableIfDamaged(error: unknown): Pick<DeadLetter, 'reason'> {
  if (error instanceof LazuliError && error.code === 'record_malformed') return { reason: 'unreadable' };
  throw error;
}

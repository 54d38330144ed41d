import { LRUCache } from 'lru-cache';
import { LazuliError } from '../../../core/config/errors.ts';
import { orAborted } from '../../../core/runtime/aborted.ts';
import type { Accepted, CheckToken } from './accepted.ts';

/** Tokens that are remembered, of either kind: those who make up tokens put out nobody else's. */
const maxTokens = 10_000;
/** of all that accepted ones say */
const maxCharacters = 16 * 2 ** 20;
/** A refused token that somebody goes on to send costs the provider no more than a question in so long. */
const refusedMillis = 10_000;

/** What was found, and while that holds. Milliseconds since the epoch. */
interface Found<T> {
  readonly what: T;
  readonly since: number;
  readonly until: number;
}

/**
 * What tokens were found to be, by their fingerprints: no token is kept. Those who send the same token at the same time share
 * one check.
 */
export class CheckedTokens {
  readonly #check: CheckToken;
  readonly #millis: number;
  readonly #now: () => number;
  readonly #accepted = new LRUCache<string, Found<Accepted>>({
    max: maxTokens,
    maxSize: maxCharacters,
    sizeCalculation: ({ what: { subject, groups } }) =>
      groups.reduce((sum, { length }) => sum + length, subject.length),
  });
  readonly #refused = new LRUCache<string, Found<LazuliError>>({ max: maxTokens });
  readonly #checking = new Map<string, Promise<Accepted>>();

  /**
   * @param check ends in time, whatever happens
   * @param millis for which an accepted token is remembered at most
   */
  constructor(check: CheckToken, millis: number, now: () => number) {
    this.#check = check;
    this.#millis = millis;
    this.#now = now;
  }

  /** @throws LazuliError as the check does; the reason of the signal */
  async of(fingerprint: string, token: string, signal: AbortSignal): Promise<Accepted> {
    const accepted = this.#holding(this.#accepted.get(fingerprint));
    if (accepted !== undefined) return accepted;
    const refused = this.#holding(this.#refused.get(fingerprint));
    if (refused !== undefined) throw refused;
    return orAborted(this.#checkingOf(fingerprint, token), signal);
  }

  #holding<T>(found: Found<T> | undefined): T | undefined {
    const now = this.#now();
    // A clock that was set back says nothing about how long it holds.
    return found !== undefined && found.since <= now && now < found.until ? found.what : undefined;
  }

  #checkingOf(fingerprint: string, token: string): Promise<Accepted> {
    const begun = this.#checking.get(fingerprint);
    if (begun !== undefined) return begun;
    const checking = this.#checkNow(fingerprint, token).finally(() => this.#checking.delete(fingerprint));
    this.#checking.set(fingerprint, checking);
    return checking;
  }

  async #checkNow(fingerprint: string, token: string): Promise<Accepted> {
    const since = this.#now();
    try {
      const what = await this.#check(token);
      const until = Math.min(since + this.#millis, what.expires ?? Infinity);
      this.#accepted.set(fingerprint, { what, since, until });
      return what;
    } catch (error) {
      const isFinal = error instanceof LazuliError && error.code === 'unauthorized';
      if (isFinal) this.#refused.set(fingerprint, { what: error, since, until: since + refusedMillis });
      throw error;
    }
  }
}

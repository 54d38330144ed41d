import { LazuliError } from '../config/errors.ts';
import { parsedJson } from '../config/text.ts';
import type { ObjectStore } from '../runtime/ports.ts';
import { type DeadLetter, deadLetterKey, deadLetterSchema, type NewDeadLetter, parseLetterKey } from './dead-letter.ts';
import { checkKey } from './keys.ts';

/** Which letters to list, in the order of their keys. */
export interface DeadLetterFilter {
  readonly catalog?: string;
  readonly kind?: DeadLetter['kind'];
  readonly reason?: string;
  /** 1 to 1000, 100 by default */
  readonly limit?: number;
  /** only those after this key */
  readonly after?: string;
  /** ends the listing: then its reason is thrown */
  readonly signal?: AbortSignal;
}

/** Some of the letters. `next` is the `after` of the following page, null on the last. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** keys of letters that can't be read */
  readonly damaged: readonly string[];
  readonly next: string | null;
}

/** Work that was given up, kept until a person has redriven or dropped it (architecture, invariant 13). */
export interface DeadLetters {
  /** Durable when it resolves. A letter that is there already counts one more attempt. @returns its key */
  put(letter: NewDeadLetter): Promise<string>;
  list(filter?: DeadLetterFilter): Promise<DeadLetterPage>;
  /** Keys alone, in their order, also of letters that can't be read: no letter is read for them. */
  keys(filter?: Pick<DeadLetterFilter, 'catalog' | 'kind'>): AsyncIterable<string>;
  /** @returns null where there is none; throws LazuliError `record_malformed` where it is damaged */
  get(key: string): Promise<DeadLetter | null>;
  delete(key: string): Promise<void>;
}

/** All letters that a filter leaves, a page at a time. */
export async function* pagesOf(
  letters: Pick<DeadLetters, 'list'>,
  filter: DeadLetterFilter = {},
): AsyncGenerator<DeadLetterPage> {
  for (let after: string | null = ''; after !== null; ) {
    const page = await letters.list({ ...filter, after });
    yield page;
    after = page.next;
  }
}

/** What was tried again may have failed again already: then its letter says so, and stays. */
export async function deleteUnchanged(letters: DeadLetters, { key, attempts }: DeadLetter): Promise<void> {
  const present = await letters.get(key);
  if (present?.attempts === attempts) await letters.delete(key);
}

const maxLimit = 1000;
const suffix = '.json';

/** Dead letters as objects `<key>.json`. All methods throw what the store throws. */
export class StoredDeadLetters implements DeadLetters {
  readonly #store: ObjectStore;
  readonly #now: () => number;
  /** the put in progress for a key, so that attempts are counted one after the other */
  readonly #putting = new Map<string, Promise<void>>();

  constructor(store: ObjectStore, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  async put(letter: NewDeadLetter): Promise<string> {
    const key = deadLetterKey(letter);
    const before = this.#putting.get(key) ?? Promise.resolve();
    const put = before.then(() => this.#put(key, letter));
    const settled = put.catch(() => {});
    this.#putting.set(key, settled);
    try {
      await put;
    } finally {
      if (this.#putting.get(key) === settled) this.#putting.delete(key);
    }
    return key;
  }

  async list({ limit = 100, after = '', signal, ...filter }: DeadLetterFilter = {}): Promise<DeadLetterPage> {
    const size = Math.min(Math.max(1, limit), maxLimit);
    const letters: DeadLetter[] = [];
    const damaged: string[] = [];
    for await (const key of this.keys(filter)) {
      if (key <= after) continue;
      signal?.throwIfAborted();
      const letter = await this.#read(key);
      if (letter === 'damaged') damaged.push(key);
      else if (letter !== null && hasReason(letter, filter)) letters.push(letter);
      if (letters.length + damaged.length === size) return { letters, damaged, next: key };
    }
    return { letters, damaged, next: null };
  }

  async *keys({ catalog, kind }: Pick<DeadLetterFilter, 'catalog' | 'kind'> = {}): AsyncGenerator<string> {
    const prefix = catalog === undefined ? '' : `${catalog}/${kind === undefined ? '' : `${kind}/`}`;
    for await (const object of this.#store.list(prefix)) {
      if (!object.endsWith(suffix)) continue;
      const key = object.slice(0, -suffix.length);
      if (kind === undefined || parseLetterKey(key)?.kind === kind) yield key;
    }
  }

  async get(key: string): Promise<DeadLetter | null> {
    const letter = await this.#read(key);
    if (letter !== 'damaged') return letter;
    throw new LazuliError('record_malformed', `The dead letter '${key}' can't be read.`, {
      remedy: 'Drop it, and notify again of what it was about.',
    });
  }

  async delete(key: string): Promise<void> {
    await this.#store.delete(key + suffix);
  }

  async #put(key: string, { identity: _, ...letter }: NewDeadLetter): Promise<void> {
    const found = await this.#read(key);
    const last = new Date(this.#now()).toISOString();
    const known = found === null || found === 'damaged' ? { attempts: 0, first: last, lost: undefined } : found;
    const { attempts, first, lost } = known;
    const put: DeadLetter = { lost, ...letter, key, attempts: attempts + 1, first, last };
    await this.#store.put(key + suffix, Buffer.from(`${JSON.stringify(put)}\n`));
  }

  async #read(key: string): Promise<DeadLetter | null | 'damaged'> {
    const value = await this.#store.get(checkKey(key) + suffix);
    return value && parse(value);
  }
}

function parse(value: Uint8Array): DeadLetter | 'damaged' {
  try {
    return deadLetterSchema.parse(parsedJson(value));
  } catch {
    return 'damaged';
  }
}

const hasReason = (letter: DeadLetter, { reason }: DeadLetterFilter): boolean =>
  reason === undefined || letter.reason === reason;

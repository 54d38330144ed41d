import { isDeepStrictEqual } from 'node:util';
import { LazuliError } from '../config/errors.ts';
import type { Records } from '../runtime/ports.ts';
import { type CatalogsVersion, type Note, parseVersion, versionBytes } from './version.ts';

/** No catalog's name begins with `_`. */
export const versionsPrefix = '_catalogs/';
const digits = 8;
/** Versions that are gone through for one that can be used. */
const maxUnusable = 100;

/** A version that is there and can't be used. */
export interface Unusable {
  readonly number: number;
  readonly error: LazuliError;
}

/** What there is. */
export interface Newest {
  /** the newest that can be used, which counts; null where there is none */
  readonly version: CatalogsVersion | null;
  /** newer ones, the newest first */
  readonly unusable: readonly Unusable[];
  /** the highest number; 0 where there is none */
  readonly last: number;
}

/**
 * Versions of the catalogs of a deployment: numbered objects beside the staged batches, which are only ever created, each by
 * a put that fails where it exists. The newest that can be used counts.
 *
 * All methods throw LazuliError `staging_unavailable` where the objects can't be read or written.
 */
export class CatalogVersions {
  readonly #objects: Pick<Records, 'get' | 'list' | 'putIfAbsent'>;

  constructor(objects: Pick<Records, 'get' | 'list' | 'putIfAbsent'>) {
    this.#objects = objects;
  }

  /** @returns null where there is no such version. @throws LazuliError `configuration_invalid` where it can't be used */
  async read(number: number): Promise<CatalogsVersion | null> {
    const bytes = await this.#objects.get(versionKey(number));
    return bytes === null ? null : parseVersion(number, bytes);
  }

  /** Numbers of the newest versions, descending. */
  async numbers(most: number): Promise<readonly number[]> {
    let found: number[] = [];
    for await (const key of this.#objects.list(versionsPrefix)) {
      const number = numberOf(key);
      if (number !== null) found.push(number);
      if (found.length > 2 * most) found = found.slice(-most);
    }
    return found.slice(-most).reverse();
  }

  async newest(): Promise<Newest> {
    const numbers = await this.numbers(maxUnusable);
    const unusable: Unusable[] = [];
    const last = numbers[0] ?? 0;
    for (const number of numbers) {
      const version = await this.#usable(number, unusable);
      if (version !== null) return { version, unusable, last };
    }
    return { version: null, unusable, last };
  }

  /** What came after a version: one request where nothing did. */
  async after(number: number): Promise<Newest> {
    let unusable: readonly Unusable[] = [];
    let version: CatalogsVersion | null = null;
    let last = number;
    for (;;) {
      const bytes = await this.#objects.get(versionKey(last + 1));
      if (bytes === null) return { version, unusable, last };
      last += 1;
      const found = usable(last, bytes);
      if ('error' in found) {
        unusable = [found, ...unusable].slice(0, maxUnusable);
        continue;
      }
      version = found;
      unusable = [];
    }
  }

  /**
   * Puts the next version.
   *
   * @param given catalogs as they come from outside
   * @param onto what there was when somebody decided on them
   * @param origin what holds them, for messages
   * @returns null where they are the same: nothing is put
   * @throws LazuliError `configuration_invalid`; `conflict` where somebody has put meanwhile
   */
  async put(given: unknown, onto: Newest, note: Note, origin: string): Promise<CatalogsVersion | null> {
    const bytes = versionBytes(given, onto.version?.catalogs ?? {}, note, origin);
    if (onto.version !== null && onto.unusable.length === 0 && isSame(given, onto.version.given)) return null;
    const number = onto.last + 1;
    if (!(await this.#objects.putIfAbsent(versionKey(number), bytes))) await this.#expectOwn(number, bytes);
    return parseVersion(number, bytes);
  }

  /** A put that was repeated, because its answer was lost, finds what it has put itself. */
  async #expectOwn(number: number, bytes: Uint8Array): Promise<void> {
    const found = await this.#objects.get(versionKey(number));
    if (found === null || Buffer.compare(found, bytes) !== 0) throw overtaken(number);
  }

  async #usable(number: number, unusable: Unusable[]): Promise<CatalogsVersion | null> {
    const bytes = await this.#objects.get(versionKey(number));
    if (bytes === null) return null;
    const found = usable(number, bytes);
    if (!('error' in found)) return found;
    unusable.push(found);
    return null;
  }
}

/** @throws LazuliError `conflict` where what somebody started from isn't the newest any more. @param base null: nothing */
export function expectBase(base: number | null, { version }: Newest): void {
  const newest = version?.number ?? null;
  if (base !== newest) throw outdated(base, newest);
}

/** Where a version is, beside the staged batches. */
export const versionKey = (number: number): string => `${versionsPrefix}${String(number).padStart(digits, '0')}.json`;

function numberOf(key: string): number | null {
  const number = Number(key.slice(versionsPrefix.length, -'.json'.length));
  return Number.isSafeInteger(number) && number > 0 && key === versionKey(number) ? number : null;
}

function usable(number: number, bytes: Uint8Array): CatalogsVersion | Unusable {
  try {
    return parseVersion(number, bytes);
  } catch (error) {
    if (error instanceof LazuliError && error.code === 'configuration_invalid') return { number, error };
    throw error;
  }
}

/** The order of members counts: the first catalog is the default one. */
const isSame = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(one, other) && JSON.stringify(one) === JSON.stringify(other);

const again =
  'Nothing was put. Look at what has changed with `lazuli catalogs diff`, make your changes to what `lazuli catalogs get --json` prints now, and put again.';

const overtaken = (number: number): LazuliError =>
  new LazuliError('conflict', `Somebody else has put version ${number} meanwhile.`, { remedy: again });

function outdated(base: number | null, newest: number | null): LazuliError {
  const from = base === null ? 'a time before there were any' : `version ${base}`;
  const now = newest === null ? 'there is none' : `version ${newest} counts`;
  return new LazuliError('conflict', `The catalogs to be put come from ${from}, and now ${now}.`, { remedy: again });
}

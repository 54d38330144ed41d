import { z } from 'zod';
import { parsedJson } from '../../core/config/text.ts';

/** Bytes of a file that are one object, and of which two copies share those that are equal. */
export const partBytes = 16 * 2 ** 20;
/** Parts that are in memory, and written or fetched, at a time. */
export const partsAtOnce = 4;
/** A file of a terabyte has as many. */
const maxParts = 65_536;

const part = z.strictObject({ sha256: z.string().regex(/^[\da-f]{64}$/), bytes: z.int().positive() });
export type CopyPart = z.output<typeof part>;

/**
 * A copy of a catalog's store in the object store: `_copies/<catalog>/<epoch>-<commit>.json`, written last, so that it
 * makes the copy exist. No catalog's name begins with an underscore.
 */
export const copySchema = z.strictObject({
  /** which stores can take its place, see `storeLayout` */
  layout: z.string(),
  /** of the worker that made it */
  epoch: z.int().nonnegative(),
  /** of the store, up to which it has everything */
  commit: z.int().nonnegative(),
  /** batches in it */
  batches: z.int().nonnegative(),
  created: z.iso.datetime(),
  /** in the order in which they make up the file */
  parts: z.array(part).min(1).max(maxParts),
});
export type StoreCopy = z.output<typeof copySchema>;

/** All copies of all catalogs, which expire in another way than what is staged. */
export const allCopies = '_copies/';

export const copiesOf = (catalog: string): string => `${allCopies}${catalog}/`;

/** In the order of time. */
export const copyKey = (catalog: string, { epoch, commit }: Pick<StoreCopy, 'epoch' | 'commit'>): string =>
  `${copiesOf(catalog)}${padded(epoch)}-${padded(commit)}.json`;

/** The parts of all copies that a worker makes: none shares any with another, so none deletes another's. */
export const partsOf = (catalog: string, epoch: number): string => `${copiesOf(catalog)}${padded(epoch)}/`;

export const partKey = (catalog: string, epoch: number, sha256: string): string =>
  `${partsOf(catalog, epoch)}${sha256}.part`;

/** The epoch of a key that `partKey` made; null of any other key. */
export function epochOfPart(key: string): number | null {
  const [, epoch] = /\/(\d+)\/[\da-f]{64}\.part$/.exec(key) ?? [];
  return epoch === undefined ? null : Number(epoch);
}

export const isCopy = (key: string): boolean => key.endsWith('.json');

const padded = (number: number): string => String(number).padStart(12, '0');

/** @returns null for what is no description of a copy */
export function parseCopy(bytes: Uint8Array | null): StoreCopy | null {
  if (bytes === null) return null;
  try {
    return copySchema.parse(parsedJson(bytes));
  } catch {
    return null;
  }
}

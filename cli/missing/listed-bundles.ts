import type { SourceRef } from '../../core/config/sources.ts';
import { byCodePoint } from '../../core/config/text.ts';
import type { Repository } from '../../core/model/repository.ts';

/** A bundle that a repository lists, with its newest version. */
export interface ListedBundle {
  /** in lower case */
  readonly uuid: string;
  readonly version: string;
}

/** Bundles that are held at a time. */
const mostTogether = 100_000;
const digits = [...'0123456789abcdef'];
const mostDigits = 8;

export interface Listing {
  readonly repository: Pick<Repository, 'listBundles'>;
  readonly source: SourceRef;
  readonly signal: AbortSignal;
  readonly most?: number;
}

/**
 * The bundles of a source whose uuid begins so, in the order of uuids. Where these are too many to hold, they are listed in
 * parts, by the next digit.
 *
 * @param prefix lower-case hex
 */
export async function* bundlesInOrder(listing: Listing, prefix: string): AsyncGenerator<ListedBundle> {
  const newest = await newestOf(listing, prefix);
  if (newest === null) for (const digit of digits) yield* bundlesInOrder(listing, `${prefix}${digit}`);
  else for (const [uuid, version] of [...newest].sort(byUuid)) yield { uuid, version };
}

const byUuid = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

/** @returns null where there are too many */
async function newestOf(
  { repository, source, signal, most = mostTogether }: Listing,
  prefix: string,
): Promise<ReadonlyMap<string, string> | null> {
  const newest = new Map<string, string>();
  for await (const { uuid: given, version } of repository.listBundles(source, prefix, signal)) {
    const uuid = given.toLowerCase();
    const known = newest.get(uuid);
    if (known === undefined || byCodePoint(known, version) < 0) newest.set(uuid, version);
    if (newest.size > most && prefix.length < mostDigits) return null;
  }
  return newest;
}

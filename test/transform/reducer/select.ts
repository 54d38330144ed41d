import type { BundleFqid } from '../../../plugins/metadata.ts';
import type { Addition } from './addition.ts';

/** A stored bundle version: the copy that counts, and whether its bundle's documents are made of it. */
export interface StoredBundle {
  readonly addition: Addition;
  readonly selected: boolean;
  readonly contributions: number;
}

/** Order of Unicode code points, as UTF-8 has it. */
export function byText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * One copy of every version: the highest normalizer version, then the highest content hash (invariant
 * 4); and of all versions of a bundle in a source the newest that was not deleted (indexing 7.3).
 */
export function selectedOf(additions: readonly Addition[], deletions: readonly BundleFqid[]): readonly StoredBundle[] {
  const deleted = new Set(deletions.map(versionName));
  const copies = new Map<string, Addition>();
  for (const addition of additions) {
    const known = copies.get(versionName(addition.fqid));
    if (known === undefined || isBetter(addition, known)) copies.set(versionName(addition.fqid), addition);
  }
  const newest = new Map<string, string>();
  for (const { fqid } of copies.values()) {
    if (deleted.has(versionName(fqid))) continue;
    const known = newest.get(bundleName(fqid));
    if (known === undefined || byText(fqid.version, known) > 0) newest.set(bundleName(fqid), fqid.version);
  }
  return [...copies.values()].map((addition) => {
    const isDeleted = deleted.has(versionName(addition.fqid));
    const selected = !isDeleted && newest.get(bundleName(addition.fqid)) === addition.fqid.version;
    return { addition, selected, contributions: isDeleted ? 2 : 1 };
  });
}

function isBetter(a: Addition, b: Addition): boolean {
  if (a.normalizerVersion !== b.normalizerVersion) return a.normalizerVersion > b.normalizerVersion;
  return byText(a.contentHash, b.contentHash) > 0;
}

const bundleName = ({ source, uuid }: BundleFqid): string => JSON.stringify([source.id, uuid]);
const versionName = ({ source, uuid, version }: BundleFqid): string => JSON.stringify([source.id, uuid, version]);

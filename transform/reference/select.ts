import { byCodePoint } from '../../core/config/text.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';

/** A deletion or an undeletion of a bundle version; an undeletion cancels deletions whose number isn't larger. */
export interface Numbered {
  readonly fqid: BundleFqid;
  readonly number: number;
}

/** What was deleted and undeleted, in any order. */
export interface Masks {
  readonly deletions: readonly Numbered[];
  readonly restores: readonly Numbered[];
}

/** A bundle version: whether its bundle's documents are made of it, and how many contributions it counts for. */
export interface Selected<T> {
  readonly version: T;
  readonly selected: boolean;
  readonly counts: number;
}

/** Of all versions of a bundle in a source the newest that is not deleted (specification, indexing 7.3). */
export function selectedOf<T extends { readonly fqid: BundleFqid }>(
  versions: readonly T[],
  masks: Masks,
): readonly Selected<T>[] {
  const deleted = deletedVersions(masks);
  const newest = new Map<string, string>();
  for (const { fqid } of versions) {
    if (deleted.has(versionName(fqid))) continue;
    const known = newest.get(bundleName(fqid));
    if (known === undefined || byCodePoint(fqid.version, known) > 0) newest.set(bundleName(fqid), fqid.version);
  }
  return versions.map((version) => {
    const isDeleted = deleted.has(versionName(version.fqid));
    const selected = !isDeleted && newest.get(bundleName(version.fqid)) === version.fqid.version;
    return { version, selected, counts: isDeleted ? 2 : 1 };
  });
}

function deletedVersions({ deletions, restores }: Masks): ReadonlySet<string> {
  const restored = new Map<string, number>();
  for (const { fqid, number } of restores) {
    const name = versionName(fqid);
    restored.set(name, Math.max(number, restored.get(name) ?? number));
  }
  const counting = deletions.filter(({ fqid, number }) => number > (restored.get(versionName(fqid)) ?? 0));
  return new Set(counting.map(({ fqid }) => versionName(fqid)));
}

const bundleName = ({ source, uuid }: BundleFqid): string => JSON.stringify([source.id, uuid]);
/** What tells versions of bundles apart. */
export const versionName = ({ source, uuid, version }: BundleFqid): string =>
  JSON.stringify([source.id, uuid, version]);

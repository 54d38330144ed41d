import { sha256Of } from '../../core/storage/digest.ts';
import { readIfThere } from '../../core/storage/storage-errors.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { RowsFile } from './files.ts';
import type { PublishedType } from './pending.ts';

/** Files of which a snapshot consists, on this machine. */
export interface SnapshotContents {
  /** of every entity type that is published, by its number */
  readonly paths: ReadonlyMap<number, readonly string[]>;
  /** keys of files that are gone, or have other bytes than were written: then the paths are of no use */
  readonly damaged: readonly string[];
}

/** Fetches files, and finds out whether they are what was written. One is in memory at a time. */
export async function contentsOf(
  { objects }: Pick<CatalogContext, 'objects'>,
  types: readonly PublishedType[],
  files: readonly RowsFile[],
): Promise<SnapshotContents> {
  const paths = new Map<number, string[]>(types.map(({ number }) => [number, []]));
  const damaged: string[] = [];
  for (const { entityType, key, sha256 } of files) {
    const path = await objects.localPath(key);
    const bytes = await readIfThere(path);
    if (bytes !== null && (await sha256Of(bytes)) === sha256) paths.get(entityType)?.push(path);
    else damaged.push(key);
  }
  return { paths, damaged };
}

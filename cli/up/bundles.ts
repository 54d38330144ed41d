import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { writeBundles } from '../generator/write.ts';
import { type BundleFolder, readBundleFolder } from './bundle-folder.ts';
import type { Folders } from './folders.ts';

const defaultBundles = 60;
export const defaultSeed = '1';

/** Which bundles a stack was told to index. */
export interface BundleChoice {
  /** a folder of the user's */
  readonly bundles?: string;
  readonly generate?: number;
  readonly seed?: string;
}

/**
 * The folders to feed: the user's, or generated ones, or those of an earlier start, or, at the very
 * first start without a wish, some generated ones.
 *
 * @throws LazuliError `configuration_invalid`
 */
export async function chooseBundles(
  folders: Folders,
  { bundles, generate, seed = defaultSeed }: BundleChoice,
  earlier: Settings | null,
  say: (line: string) => void,
): Promise<readonly BundleFolder[]> {
  if (bundles !== undefined) return [readBundleFolder(bundles)];
  if (generate === undefined && earlier !== null) return earlierFolders(earlier);
  return [readBundleFolder(await generated(folders, seed, generate ?? defaultBundles, say))];
}

/** A folder that has gone since keeps nobody from using what was indexed. */
function earlierFolders({ catalogs }: Settings): BundleFolder[] {
  return Object.values(catalogs).flatMap(({ plugins: { repository } }) => {
    const { folder } = repository;
    return typeof folder === 'string' && existsSync(join(folder, 'bundles.json')) ? [readBundleFolder(folder)] : [];
  });
}

async function generated(
  folders: Folders,
  seed: string,
  bundles: number,
  say: (line: string) => void,
): Promise<string> {
  const folder = join(folders.bundles, `${encodeURIComponent(seed)}-${bundles}`);
  // bundles.json appears last: without it an earlier run was interrupted.
  if (existsSync(join(folder, 'bundles.json'))) return folder;
  await writeBundles(folder, { seed, bundles }, (written) => say(`${written.bundles} written`));
  return folder;
}

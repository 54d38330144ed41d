import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkCatalogs } from '../../core/config/catalogs.ts';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { metadataPlugin, type PluginsFrom } from '../../plugins/registry.ts';
import { type World, writeBundles } from '../generated-folder.ts';
import { type BundleFolder, readBundleFolder } from './bundle-folder.ts';
import { catalogOf } from './catalogs.ts';
import { pluginsOf } from './configuration.ts';
import type { Folders } from './folders.ts';

const defaultBundles = 60;
export const defaultSeed = '1';
/** Data models of which a stack shows generated bundles, each in a catalog of its own; the first one is the default catalog. */
export const generatedModels = ['hca', 'anvil'] as const;

/** Which bundles a stack is to index. */
export interface BundleChoice {
  /** folders of the user's, each a catalog */
  readonly bundles?: readonly string[];
  /** so many of each data model */
  readonly generate?: number;
  /** data models of generated bundles; default: all of `generatedModels` */
  readonly model?: readonly string[];
  readonly seed?: string;
  /** folders of plug-ins beside those of an earlier start, absolute */
  readonly plugins: readonly string[];
}

/**
 * The folders to feed: the user's, or generated ones, or those of an earlier start, or, at the very
 * first start without a wish, some generated ones.
 *
 * @throws LazuliError `configuration_invalid`
 */
export async function chooseBundles(
  folders: Folders,
  { bundles, generate, model, seed = defaultSeed, plugins }: BundleChoice,
  earlier: Settings | null,
  say: (line: string) => void,
): Promise<readonly BundleFolder[]> {
  if (bundles !== undefined) return usable(bundles.map(readBundleFolder), { plugins: pluginsOf(plugins, earlier) });
  if (generate === undefined && model === undefined && earlier !== null) return earlierFolders(earlier);
  const found: BundleFolder[] = [];
  for (const metadata of new Set(model ?? generatedModels)) {
    const world = { metadata, seed, bundles: generate ?? defaultBundles };
    found.push(readBundleFolder(await generated(folders, world, say)));
  }
  return found;
}

/**
 * Reports what would stop a catalog for good, before anything starts.
 *
 * @throws LazuliError `configuration_invalid`
 */
async function usable(found: readonly BundleFolder[], from: PluginsFrom): Promise<readonly BundleFolder[]> {
  const catalogs = new Map<string, string>();
  for (const bundles of found) {
    const { folder, catalog, metadata } = bundles;
    const path = join(folder, 'bundles.json');
    const other = catalogs.get(catalog);
    if (other !== undefined) throw sameCatalog(catalog, [other, folder]);
    catalogs.set(catalog, folder);
    checkCatalogs({ [catalog]: catalogOf(bundles) }, path);
    await metadataPlugin(metadata, from).catch((cause: LazuliError) => {
      throw unusable(`${path}: metadata: ${cause.message}.`, cause);
    });
  }
  return found;
}

function unusable(message: string, cause: LazuliError): LazuliError {
  const { remedy = 'Correct the plug-in.' } = cause;
  return new LazuliError('configuration_invalid', message, {
    remedy: `${remedy} \`metadata\` in bundles.json names it; docs/plug-ins.md says how to add one.`,
    cause,
  });
}

function sameCatalog(catalog: string, folders: readonly string[]): LazuliError {
  return new LazuliError('configuration_invalid', `Two folders are of catalog ${catalog}: ${folders.join(' and ')}.`, {
    remedy: 'Give one of them another name in `catalog` of its bundles.json.',
  });
}

/** A folder that has gone since keeps nobody from using what was indexed. */
function earlierFolders({ catalogs }: Settings): BundleFolder[] {
  return Object.entries(catalogs).flatMap(
    ([
      catalog,
      {
        plugins: { repository },
      },
    ]) => {
      const { folder } = repository;
      if (typeof folder !== 'string' || !existsSync(join(folder, 'bundles.json'))) return [];
      // The configuration may have another name for it by now.
      return [{ ...readBundleFolder(folder), catalog }];
    },
  );
}

async function generated(
  folders: Folders,
  world: Required<Pick<World, 'metadata' | 'seed' | 'bundles'>>,
  say: (line: string) => void,
): Promise<string> {
  const { metadata, seed, bundles } = world;
  const folder = join(folders.bundles, `${metadata}-${encodeURIComponent(seed)}-${bundles}`);
  // bundles.json appears last: without it an earlier run was interrupted.
  if (existsSync(join(folder, 'bundles.json'))) return folder;
  await writeBundles(folder, world, (written) => say(`${written.bundles} of ${metadata} written`));
  return folder;
}

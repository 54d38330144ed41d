import type { Settings } from '../../core/config/settings.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Repository } from '../../core/model/repository.ts';
import { openRepository } from '../../plugins/registry.ts';

/** The repository of a catalog that the settings have. */
export async function repositoryOf(settings: Settings, name: string): Promise<Repository> {
  const catalog = settings.catalogs[name];
  if (catalog === undefined) throw new RangeError(`There is no catalog '${name}'`);
  return openRepository(catalog, settings);
}

/** Bundles of all sources that the repository lists whose uuid starts with the prefix. */
export async function* listedBundles(settings: Settings, catalog: string, prefix = ''): AsyncGenerator<BundleFqid> {
  const repository = await repositoryOf(settings, catalog);
  for (const source of await repository.listSources()) yield* repository.listBundles(source, prefix);
}

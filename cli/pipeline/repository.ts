import type { Settings } from '../../config/settings.ts';
import type { BundleFqid } from '../../plugins/metadata.ts';
import { repositoryPlugin } from '../../plugins/registry.ts';
import type { Repository } from '../../plugins/repository.ts';

/** The repository of a catalog, as the settings configure it. */
export async function openRepository({ catalogs }: Settings, name: string): Promise<Repository> {
  const catalog = catalogs[name];
  const { name: plugin = '', ...options } = catalog?.plugins.repository ?? {};
  return (await repositoryPlugin(plugin)).open(options, catalog?.sources ?? []);
}

/** Bundles of all sources that the repository lists whose uuid starts with the prefix. */
export async function* listedBundles(settings: Settings, catalog: string, prefix = ''): AsyncGenerator<BundleFqid> {
  const repository = await openRepository(settings, catalog);
  for (const source of await repository.listSources()) yield* repository.listBundles(source, prefix);
}

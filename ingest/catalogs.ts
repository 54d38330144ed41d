import type { Catalog } from '../core/config/catalogs.ts';
import type { Settings } from '../core/config/settings.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import type { Repository } from '../core/model/repository.ts';
import { type Opened, openEach } from '../plugins/opening.ts';
import { metadataPlugin, openRepository, type PluginsFrom } from '../plugins/registry.ts';

/** A catalog with its plug-ins opened. */
export interface OpenCatalog {
  readonly name: string;
  readonly plugin: MetadataPlugin;
  readonly repository: Repository;
}

/** By name. */
export type OpenCatalogs = ReadonlyMap<string, OpenCatalog>;

/** @throws LazuliError `configuration_invalid` where no catalog can be opened: plug-ins don't exist or are wrong, or their options are */
export const openCatalogs = (settings: Pick<Settings, 'catalogs' | 'plugins'>): Promise<Opened<OpenCatalog>> =>
  openEach(settings.catalogs, (name, catalog) => open(name, catalog, settings));

async function open(name: string, catalog: Catalog, from: PluginsFrom): Promise<OpenCatalog> {
  const repository = await openRepository(catalog, from);
  return { name, plugin: await metadataPlugin(catalog.plugins.metadata.name, from), repository };
}

import type { Catalog } from '../core/config/catalogs.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import type { Repository } from '../core/model/repository.ts';
import { type Opened, openEach } from '../plugins/opening.ts';
import { metadataPlugin, openRepository } from '../plugins/registry.ts';

/** A catalog with its plug-ins opened. */
export interface OpenCatalog {
  readonly name: string;
  readonly plugin: MetadataPlugin;
  readonly repository: Repository;
}

/** By name. */
export type OpenCatalogs = ReadonlyMap<string, OpenCatalog>;

/** @throws LazuliError `configuration_invalid` where plug-ins of all don't exist, or are wrong, or their options are */
export const openCatalogs = (catalogs: Readonly<Record<string, Catalog>>): Promise<Opened<OpenCatalog>> =>
  openEach(catalogs, open);

async function open(name: string, catalog: Catalog): Promise<OpenCatalog> {
  const repository = await openRepository(catalog);
  return { name, plugin: await metadataPlugin(catalog.plugins.metadata.name), repository };
}

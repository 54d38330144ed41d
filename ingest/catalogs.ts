import type { Catalog } from '../config/catalogs.ts';
import type { MetadataPlugin } from '../plugins/metadata.ts';
import { metadataPlugin, repositoryPlugin } from '../plugins/registry.ts';
import type { Repository } from '../plugins/repository.ts';

/** A catalog with its plug-ins opened. */
export interface OpenCatalog {
  readonly name: string;
  readonly plugin: MetadataPlugin;
  readonly repository: Repository;
}

/** By name. */
export type OpenCatalogs = ReadonlyMap<string, OpenCatalog>;

/** @throws LazuliError `configuration_invalid` for plug-ins that don't exist or options that are wrong */
export async function openCatalogs(catalogs: Readonly<Record<string, Catalog>>): Promise<OpenCatalogs> {
  const opened = await Promise.all(Object.entries(catalogs).map(([name, catalog]) => open(name, catalog)));
  return new Map(opened.map((catalog) => [catalog.name, catalog]));
}

async function open(name: string, { plugins, sources }: Catalog): Promise<OpenCatalog> {
  const { name: repositoryName, ...options } = plugins.repository;
  const repository = await (await repositoryPlugin(repositoryName)).open(options, sources);
  return { name, plugin: await metadataPlugin(plugins.metadata.name), repository };
}

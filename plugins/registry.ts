import { LazuliError } from '../config/errors.ts';
import type { MetadataPlugin } from './metadata.ts';
import type { RepositoryPlugin } from './repository.ts';

const metadataPlugins: Readonly<Record<string, () => Promise<MetadataPlugin>>> = {
  hca: async () => (await import('./metadata/hca/plugin.ts')).hca,
};

const repositoryPlugins: Readonly<Record<string, () => Promise<RepositoryPlugin>>> = {
  canned: async () => (await import('./repository/canned.ts')).canned,
};

/** @throws LazuliError `configuration_invalid` */
export function metadataPlugin(name: string): Promise<MetadataPlugin> {
  return pick(metadataPlugins, 'metadata', name);
}

/** @throws LazuliError `configuration_invalid` */
export function repositoryPlugin(name: string): Promise<RepositoryPlugin> {
  return pick(repositoryPlugins, 'repository', name);
}

function pick<T>(plugins: Readonly<Record<string, () => Promise<T>>>, kind: string, name: string): Promise<T> {
  const load = Object.hasOwn(plugins, name) ? plugins[name] : undefined;
  if (load === undefined) {
    throw new LazuliError('configuration_invalid', `There is no ${kind} plug-in '${name}'`, {
      remedy: `Choose one of: ${Object.keys(plugins).join(', ')}.`,
    });
  }
  return load();
}

import { readdirSync } from 'node:fs';
import type { Catalog } from '../core/config/catalogs.ts';
import { LazuliError } from '../core/config/errors.ts';
import type { AuthenticationPlugin } from '../core/model/authentication.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import type { Repository, RepositoryPlugin } from '../core/model/repository.ts';
import { checkDeclarations } from './declarations.ts';
import { pluginNamePattern } from './declared/names.ts';

/**
 * Plug-ins are found by their folders: `plugins/<kind>/<name>/plugin.ts` exports `plugin`. Adding one
 * changes nothing elsewhere.
 */
type Kind = 'metadata' | 'repository' | 'authentication';

/** @throws LazuliError `configuration_invalid` when there is no such plug-in or its declarations are wrong */
export async function metadataPlugin(name: string): Promise<MetadataPlugin> {
  const plugin = await load<MetadataPlugin>('metadata', name);
  checkDeclarations(plugin);
  return plugin;
}

/** @throws LazuliError `configuration_invalid` when there is no such plug-in or it refuses the catalog's options */
export async function openRepository({ plugins, sources }: Catalog): Promise<Repository> {
  const { name, ...options } = plugins.repository;
  return (await repositoryPlugin(name)).open(options, sources);
}

/** @throws LazuliError `configuration_invalid` when there is no such plug-in */
export function repositoryPlugin(name: string): Promise<RepositoryPlugin> {
  return load<RepositoryPlugin>('repository', name);
}

/** @throws LazuliError `configuration_invalid` when there is no such plug-in */
export function authenticationPlugin(name: string): Promise<AuthenticationPlugin> {
  return load<AuthenticationPlugin>('authentication', name);
}

async function load<T extends { readonly name: string }>(kind: Kind, name: string): Promise<T> {
  const known = pluginNames(kind);
  if (!pluginNamePattern.test(name) || !known.includes(name)) {
    throw new LazuliError('configuration_invalid', `There is no ${kind} plug-in '${name}'`, {
      remedy: `Choose one of: ${known.join(', ')}.`,
    });
  }
  const { plugin } = await imported<T>(`./${kind}/${name}/plugin.ts`);
  if (plugin?.name === name) return plugin;
  throw new LazuliError(
    'configuration_invalid',
    `plugins/${kind}/${name}/plugin.ts doesn't export a plug-in of that name`,
    {
      remedy: `Export it as \`plugin\`, with the name '${name}'.`,
    },
  );
}

async function imported<T>(file: string): Promise<{ readonly plugin?: T }> {
  try {
    return await import(file);
  } catch (cause) {
    throw new LazuliError('configuration_invalid', `plugins/${file.slice(2)} can't be loaded: ${String(cause)}`, {
      remedy: 'Correct the plug-in.',
      cause,
    });
  }
}

function pluginNames(kind: Kind): readonly string[] {
  const entries = readdirSync(new URL(`./${kind}/`, import.meta.url), { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

import { readdirSync } from 'node:fs';
import type { Catalog } from '../core/config/catalogs.ts';
import { LazuliError } from '../core/config/errors.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Authentication, AuthenticationPlugin } from '../core/model/authentication.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import type { Repository, RepositoryPlugin } from '../core/model/repository.ts';
import type { Kind, Kinds } from './contract.ts';
import { checkDeclarations } from './declarations.ts';
import { isRefusal } from './opening.ts';
import { refused } from './outside/entry.ts';
import { expectKind, expectOpened } from './outside/kind.ts';
import { type LoadedPlugins, loadEach } from './outside/load.ts';

/**
 * Plug-ins are found by kind and name. Those of the clone have a folder, `plugins/<kind>/<name>/plugin.ts`, which exports
 * `plugin`: adding one changes nothing elsewhere. Others are in the folders that settings name.
 */
export interface PluginsFrom {
  /** absolute paths */
  readonly plugins: readonly string[];
}

/** Plug-ins of the clone, and no others. */
export const cloneOnly: PluginsFrom = { plugins: [] };

/** @throws LazuliError `configuration_invalid` when there is no such plug-in or its declarations are wrong */
export async function metadataPlugin(name: string, from: PluginsFrom): Promise<MetadataPlugin> {
  const plugin = await load('metadata', name, from);
  await ownFault(`The metadata plug-in '${name}' can't be checked`, () => checkDeclarations(plugin));
  return plugin;
}

/** @throws LazuliError `configuration_invalid` when there is no such plug-in or it refuses the catalog's options */
export async function openRepository({ plugins, sources }: Catalog, from: PluginsFrom): Promise<Repository> {
  const { name, ...options } = plugins.repository;
  const plugin = await repositoryPlugin(name, from);
  const open = () => plugin.open(options, sources);
  return expectOpened('repository', name, await ownFault(`The repository plug-in '${name}' can't be opened`, open));
}

/** @throws LazuliError `configuration_invalid` when there is no such plug-in */
export function repositoryPlugin(name: string, from: PluginsFrom): Promise<RepositoryPlugin> {
  return load('repository', name, from);
}

/** @throws LazuliError `configuration_invalid` when there is no such plug-in or it refuses its options */
export async function openAuthentication(
  { name, ...options }: Settings['authentication'],
  from: PluginsFrom,
): Promise<Authentication> {
  const plugin = await authenticationPlugin(name, from);
  const open = () => plugin.open(options);
  return expectOpened(
    'authentication',
    name,
    await ownFault(`The authentication plug-in '${name}' can't be opened`, open),
  );
}

/** @throws LazuliError `configuration_invalid` when there is no such plug-in */
export function authenticationPlugin(name: string, from: PluginsFrom): Promise<AuthenticationPlugin> {
  return load('authentication', name, from);
}

/** Whatever is wrong with plug-ins from outside of the clone, whether somebody wants them or not. */
export async function refusedPlugins(from: PluginsFrom): Promise<readonly LazuliError[]> {
  const loaded = await loadEach(from.plugins);
  const refusals = loaded.plugins.map(async ({ kind, name, folder }) => {
    if (ownNames(kind).includes(name)) return [taken(kind, name, [folder])];
    const checked = kind === 'metadata' ? metadataPlugin(name, from) : load(kind, name, from);
    return checked.then(() => [], refusalOf);
  });
  return [...loaded.refused, ...(await Promise.all(refusals)).flat()];
}

function refusalOf(error: unknown): readonly LazuliError[] {
  if (isRefusal(error)) return [error];
  throw error;
}

/** Names of the clone's own plug-ins can't be taken: another one of such a name is as if it weren't there. */
async function load<K extends Kind>(kind: K, name: string, { plugins }: PluginsFrom): Promise<Kinds[K]> {
  if (ownNames(kind).includes(name)) return ofClone(kind, name);
  const loaded = await loadEach(plugins);
  const found = loaded.plugins.filter((plugin) => plugin.kind === kind && plugin.name === name);
  const [first, second] = found;
  if (first === undefined) throw unknown(kind, name, loaded);
  if (second === undefined) return expectKind(kind, first);
  throw taken(
    kind,
    name,
    found.map(({ folder }) => folder),
  );
}

async function ofClone<K extends Kind>(kind: K, name: string): Promise<Kinds[K]> {
  const file = `plugins/${kind}/${name}/plugin.ts`;
  const { plugin } = await imported(`./${kind}/${name}/plugin.ts`);
  if (plugin?.name === name) return plugin as Kinds[K];
  throw refused(`${file} doesn't export a plug-in of that name`, `Export it as \`plugin\`, with the name '${name}'.`);
}

async function imported(path: string): Promise<{ readonly plugin?: Kinds[Kind] }> {
  try {
    return await import(path);
  } catch (cause) {
    throw refused(`plugins/${path.slice(2)} can't be loaded: ${String(cause)}`, 'Correct the plug-in.', cause);
  }
}

/** Where a plug-in of that name may be hidden in a folder that can't be loaded, that folder must be corrected. */
function unknown(kind: Kind, name: string, { plugins, refused: unloaded }: LoadedPlugins): LazuliError {
  const known = [...ownNames(kind), ...plugins.flatMap((plugin) => (plugin.kind === kind ? [plugin.name] : []))].sort();
  const other = plugins.find((plugin) => plugin.name === name);
  const also = other === undefined ? '' : `; that of ${other.folder} is a plug-in of the kind ${other.kind}`;
  const [first] = unloaded;
  if (first === undefined)
    return refused(`There is no ${kind} plug-in '${name}'${also}`, `Choose one of: ${known.join(', ')}.`);
  const why = unloaded.map(({ message }) => message).join('; ');
  return refused(`There is no ${kind} plug-in '${name}'${also}; ${why}`, first.remedy ?? 'Correct the plug-in.', first);
}

/** @param folders those that aren't of the clone */
function taken(kind: Kind, name: string, folders: readonly string[]): LazuliError {
  const [first = ''] = folders;
  if (folders.length === 1)
    return refused(`Lazuli has a ${kind} plug-in '${name}' of its own: that of ${first} isn't used`, 'Rename it.');
  return refused(
    `Several ${kind} plug-ins are called '${name}': those of ${folders.join(' and ')}`,
    'Rename them, or leave one folder in `plugins` of the settings.',
  );
}

/** What a plug-in throws unforeseen stops its own catalogs, not the process. */
async function ownFault<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof LazuliError) throw cause;
    throw refused(`${what}: ${String(cause)}`, 'Correct the plug-in.', cause);
  }
}

/** Names of the clone's own plug-ins of a kind. */
export function ownNames(kind: Kind): readonly string[] {
  const entries = readdirSync(new URL(`./${kind}/`, import.meta.url), { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

import './contract-hook.ts';
import { pathToFileURL } from 'node:url';
import type { LazuliError } from '../../core/config/errors.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { inTime } from '../../core/runtime/deadline.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { contractVersion, type Kind } from '../contract.ts';
import { pluginNamePattern } from '../declared/names.ts';
import { isRefusal } from '../opening.ts';
import { entryOf, refused } from './entry.ts';
import { loadingError } from './loading-error.ts';

/** A plug-in as its folder exports it; only its name has been looked at. */
export interface OutsidePlugin {
  readonly kind: Kind;
  readonly name: string;
  /** absolute */
  readonly folder: string;
  readonly plugin: object;
}

/** Plug-ins of several folders, and why others couldn't be loaded. */
export interface LoadedPlugins {
  readonly plugins: readonly OutsidePlugin[];
  readonly refused: readonly LazuliError[];
}

/** Members of what a folder exports, beside `contract`. */
export const kinds: readonly Kind[] = ['metadata', 'repository', 'authentication'];
/** What a module waits for before it is loaded. */
const loadMillis = 30_000;
const shape = `{ contract: ${contractVersion}, metadata: [ … ] }`;

/** Loads folders, each by itself. */
export async function loadEach(folders: readonly string[]): Promise<LoadedPlugins> {
  const outcomes = await Promise.all(
    [...new Set(folders)].map((folder) =>
      loadFolder(folder).catch((error: unknown) => {
        if (isRefusal(error)) return error;
        throw error;
      }),
    ),
  );
  return {
    plugins: outcomes.flatMap((outcome) => (outcome instanceof Error ? [] : outcome)),
    refused: outcomes.filter((outcome) => outcome instanceof Error),
  };
}

/**
 * The plug-ins that a folder or package exports.
 *
 * @param folder absolute
 * @throws LazuliError `configuration_invalid`, naming folder and cause
 */
export async function loadFolder(
  folder: string,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<readonly OutsidePlugin[]> {
  const { plugins } = await imported(entryOf(folder), folder, clock);
  if (typeof plugins !== 'object' || plugins === null)
    throw refused(`${folder} exports no \`plugins\``, `Export them as \`plugins\`: ${shape}.`);
  const { contract, ...byKind } = plugins as Readonly<Record<string, unknown>>;
  expectContract(folder, contract);
  const all = Object.entries(byKind).flatMap(([kind, list]) => pluginsOf(folder, kind, list));
  const twice = all.find(({ kind, name }, i) => all.findIndex((one) => one.kind === kind && one.name === name) < i);
  if (twice !== undefined)
    throw refused(`${folder} exports two ${twice.kind} plug-ins called '${twice.name}'`, 'Rename one of them.');
  if (all.length === 0) throw refused(`${folder} exports no plug-in`, `Export at least one: ${shape}.`);
  return all;
}

async function imported(
  entry: string,
  folder: string,
  clock: Pick<Clock, 'sleep'>,
): Promise<Readonly<Record<string, unknown>>> {
  const late = (): Error =>
    refused(
      `${folder} isn't loaded after ${loadMillis / 1000} s: it waits for something`,
      'Let it await nothing at its top level.',
    );
  try {
    return await inTime({ clock, millis: loadMillis, late }, () => import(pathToFileURL(entry).href));
  } catch (cause) {
    throw isRefusal(cause) ? cause : loadingError(folder, cause);
  }
}

function expectContract(folder: string, contract: unknown): void {
  if (contract === contractVersion) return;
  const found = contract === undefined ? 'no version' : `version ${JSON.stringify(contract)}`;
  throw refused(
    `${folder} is written for ${found} of the contract of plug-ins; this Lazuli has version ${contractVersion}`,
    contract === undefined
      ? `Say for which it is written: ${shape}.`
      : `Take a version of the plug-in for contract ${contractVersion}, or the Lazuli that it is written for.`,
  );
}

function pluginsOf(folder: string, given: string, list: unknown): readonly OutsidePlugin[] {
  const kind = kinds.find((one) => one === given);
  if (kind === undefined)
    throw refused(`${folder} exports plug-ins of the kind '${given}'`, `There are ${kinds.join(', ')}.`);
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw refused(`${folder}: \`plugins.${kind}\` is no list`, `Export a list: ${shape}.`);
  return list.map((plugin: unknown, i) => {
    const name: unknown = Object(plugin).name;
    if (typeof name === 'string' && pluginNamePattern.test(name)) return { kind, name, folder, plugin: Object(plugin) };
    throw refused(
      `${folder}: \`plugins.${kind}[${i}]\` has no \`name\` that is 1 to 64 characters of a-z, 0-9 and _, a letter first`,
      'Give it one: settings and bundles.json name it so.',
    );
  });
}

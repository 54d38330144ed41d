import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type Environment, settingsOfEnvironment } from '../core/config/environment.ts';
import { LazuliError } from '../core/config/errors.ts';
import { isPackageName, pluginFolder } from '../core/config/plugin-places.ts';
import { maxSettingsBytes, readSettings, type Settings } from '../core/config/settings.ts';
import { catalogsInForce } from '../core/deployment/catalogs.ts';
import { readObject } from '../core/storage/s3/object.ts';
import { defaultDataFolder } from './clone.ts';

/** Options of every command that works on a deployment. */
export interface SettingsOptions {
  readonly config?: string;
  readonly data?: string;
}

/** Adds `--config` and `--data`. */
export function withSettings(command: Command): Command {
  return command
    .option('--config <file>', 'configuration of the deployment (default: lazuli.json in the data folder)')
    .option('--data <dir>', 'data folder of a local stack (default: .lazuli in the clone)');
}

/** Options of commands that work on one catalog, for people or programs. */
export interface CatalogOptions extends SettingsOptions {
  readonly catalog?: string;
  readonly json?: true;
}

/** Adds `--catalog` and `--json` to them. */
export function withCatalog(command: Command): Command {
  return withSettings(command)
    .option('--catalog <name>', 'the catalog; not needed where there is only one')
    .option('--json', 'print JSON');
}

/** Where the configuration is. */
export function settingsFile({ config, data }: SettingsOptions): string {
  return config === undefined ? join(resolve(data ?? defaultDataFolder), 'lazuli.json') : resolve(config);
}

/**
 * The settings that an option names, those of the environment (a container has them there), or those
 * of the local stack, with the catalogs that count.
 *
 * @throws LazuliError `configuration_invalid`, `staging_unavailable`
 */
export async function loadSettings(options: SettingsOptions): Promise<Settings> {
  return (await catalogsInForce(await writtenSettings(options))).settings;
}

/**
 * The same as they are written: without catalogs where these are in versions.
 *
 * @throws LazuliError `configuration_invalid`
 */
export async function writtenSettings(
  options: SettingsOptions,
  environment: Environment = process.env,
): Promise<Settings> {
  const given = options.config !== undefined || options.data !== undefined;
  const read = (address: string) => readObject(address, maxSettingsBytes, environment);
  const settings = given ? null : await settingsOfEnvironment(environment, read);
  if (settings !== null) return settings;
  const file = settingsFile(options);
  if (!existsSync(file)) {
    throw new LazuliError('configuration_invalid', `There is no configuration at ${file}.`, {
      remedy: 'Start a local stack with `lazuli up`, or name its folder with --data or a configuration with --config.',
    });
  }
  return readSettings(file);
}

/**
 * The named catalog, or the only one.
 *
 * @throws LazuliError `usage`
 */
export function chooseCatalog({ catalogs }: Settings, name: string | undefined): string {
  const names = Object.keys(catalogs);
  const [first] = names;
  if (name === undefined && names.length === 1 && first !== undefined) return first;
  if (name !== undefined && names.includes(name)) return name;
  throw new LazuliError('usage', name === undefined ? 'Which catalog?' : `There is no catalog '${name}'.`, {
    remedy: `Name one with --catalog: ${names.join(', ')}.`,
  });
}

/**
 * Folders of plug-ins that options name: what is a folder is meant so; else a name can be that of a package.
 *
 * @returns absolute paths
 */
export function givenPlugins(places: readonly string[] = []): readonly string[] {
  return places.map((place) => {
    const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
    return !isFolder && isPackageName(place) ? pluginFolder(place, process.cwd()) : resolve(place);
  });
}

/** Parses an option or argument that must say something. */
export function someText(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty.');
}

/** Parses an option that is a whole number. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  };
}

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LazuliError } from './errors.ts';
import { parseSettings, type Settings, withPluginFolders } from './settings.ts';
import { jsonTextOf, textOf, wholeJson } from './text.ts';

/** Variables of a process, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The object that an address as `s3://bucket/key` names. @throws Error that says why it can't be read */
export type ReadObject = (address: string) => Promise<Uint8Array>;

/**
 * The settings of a container: `LAZULI_SETTINGS` is their JSON, or `LAZULI_SETTINGS_FILE` names the file that has it, or
 * `LAZULI_SETTINGS_OBJECT` the object: Linux takes no variable of 128 KiB, and settings with many sources are larger. Where
 * `LAZULI_OPENSEARCH_USERNAME` is set, it and the password become part of `opensearch.url`.
 *
 * @returns null where the environment holds none
 * @throws LazuliError `configuration_invalid`, never showing a secret
 */
export async function settingsOfEnvironment(environment: Environment, read: ReadObject): Promise<Settings | null> {
  const given = await withoutCredentials(environment, read);
  if (given === null) return null;
  const settings = withPluginFolders(given, baseOf(environment));
  const username = environment.LAZULI_OPENSEARCH_USERNAME;
  if (username === undefined) return settings;
  const password = secretOf(environment, 'LAZULI_OPENSEARCH_PASSWORD');
  if (password === null) throw invalid('LAZULI_OPENSEARCH_PASSWORD', 'it is missing');
  const url = new URL(settings.opensearch.url);
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(password);
  return { ...settings, opensearch: { url: url.href } };
}

async function withoutCredentials(environment: Environment, read: ReadObject): Promise<Settings | null> {
  const { LAZULI_SETTINGS: text, LAZULI_SETTINGS_FILE: file, LAZULI_SETTINGS_OBJECT: object } = environment;
  if (text !== undefined) return settingsOf(text, 'LAZULI_SETTINGS');
  if (file !== undefined) return settingsAt('LAZULI_SETTINGS_FILE', async () => readFileSync(file));
  if (object !== undefined) return settingsAt('LAZULI_SETTINGS_OBJECT', () => read(object));
  return null;
}

/** What paths in the settings are relative to. */
function baseOf({ LAZULI_SETTINGS: text, LAZULI_SETTINGS_FILE: file }: Environment): string {
  return text === undefined && file !== undefined ? dirname(resolve(file)) : process.cwd();
}

/** @param variable that says where they are */
async function settingsAt(variable: string, read: () => Promise<Uint8Array>): Promise<Settings> {
  let text: string;
  try {
    text = jsonTextOf(await read());
  } catch (cause) {
    throw invalid(variable, (cause as Error).message);
  }
  return settingsOf(text, variable);
}

function settingsOf(text: string, variable: string): Settings {
  let input: unknown;
  try {
    input = wholeJson(text);
  } catch {
    // What the parser says may quote a password: `opensearch.url` can hold one.
    throw invalid(variable, 'it is no JSON');
  }
  return parseSettings(input, variable);
}

/**
 * A secret: the text of a variable, or of the mounted file that the variable with `_FILE` at its end names.
 *
 * @returns null where there is neither
 * @throws LazuliError `configuration_invalid` where the file can't be read, or is no UTF-8
 */
export function secretOf(environment: Environment, variable: string): string | null {
  const text = environment[variable];
  if (text !== undefined) return text;
  const file = environment[`${variable}_FILE`];
  if (file === undefined) return null;
  try {
    return readSecret(file).trim();
  } catch (cause) {
    throw invalid(`${variable}_FILE`, (cause as Error).message);
  }
}

/**
 * The text of a file that holds a secret, or says who has one.
 *
 * @throws Error where it can't be read, is no UTF-8, or everybody may write it, whatever link led there
 */
export function readSecret(file: string): string {
  const opened = openSync(file, 'r');
  try {
    if (isWritableByAll(fstatSync(opened).mode)) throw new Error(`everybody may write it: chmod o-w ${file}`);
    return textOf(readFileSync(opened));
  } finally {
    closeSync(opened);
  }
}

/** @param mode of a file */
export const isWritableByAll = (mode: number): boolean => (mode & 0o002) !== 0;

function invalid(variable: string, why: string): LazuliError {
  return new LazuliError('configuration_invalid', `The environment variable ${variable} can't be used: ${why}`, {
    remedy: 'Correct it; docs/operating.md lists the variables of a container.',
  });
}

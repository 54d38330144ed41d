import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LazuliError } from '../core/config/errors.ts';
import { jsonTextOf, wholeJson } from '../core/config/text.ts';

/**
 * The object `lazuli:stack` with its catalogs, where `catalogs` is a path: that of a JSON file which has them. Pulumi hands
 * its configuration to programs in an environment variable, and Linux takes none of 128 KiB: two thousand sources.
 *
 * @param folder from which the path leads
 * @throws LazuliError `configuration_invalid` where the file can't be read, or is no JSON
 */
export function withCatalogs(input: unknown, folder: string): unknown {
  const { catalogs, ...others } = Object(input) as Readonly<Record<string, unknown>>;
  if (typeof catalogs !== 'string') return input;
  try {
    return { ...others, catalogs: wholeJson(jsonTextOf(readFileSync(resolve(folder, catalogs)))) };
  } catch (cause) {
    throw new LazuliError('configuration_invalid', `lazuli:stack.catalogs: ${catalogs}: ${(cause as Error).message}`, {
      remedy: 'Give the catalogs themselves, or the path of a JSON file with them, from the folder of Pulumi.yaml.',
      cause,
    });
  }
}

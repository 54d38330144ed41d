import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { maxVersionBytes } from '../../core/catalogs/version.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { jsonTextOf, wholeJson } from '../../core/config/text.ts';
import { readObject } from '../../core/storage/s3/object.ts';

/** Catalogs that somebody gives. */
export interface GivenCatalogs {
  readonly catalogs: unknown;
  /** the version that they were made from; null: there was none; undefined: they don't say */
  readonly base: number | null | undefined;
}

/** As `lazuli catalogs get --json` prints them. A catalog is an object, so no catalogs look like this. */
const printedSchema = z.strictObject({ version: z.int().min(1).nullable(), catalogs: z.unknown() });

/**
 * Catalogs from a file, or from an object `s3://bucket/key`: alone, or with the version that they come from.
 *
 * @throws LazuliError `configuration_invalid`
 */
export async function readCatalogs(place: string): Promise<GivenCatalogs> {
  let value: unknown;
  try {
    value = wholeJson(jsonTextOf(await bytesAt(place)));
  } catch (cause) {
    throw new LazuliError('configuration_invalid', `${place}: ${(cause as Error).message}`, {
      remedy: 'Name a JSON file, as `lazuli catalogs get --json` prints one.',
      cause,
    });
  }
  const printed = printedSchema.safeParse(value);
  return printed.success
    ? { catalogs: printed.data.catalogs, base: printed.data.version }
    : { catalogs: value, base: undefined };
}

async function bytesAt(place: string): Promise<Uint8Array> {
  if (place.startsWith('s3://')) return readObject(place, maxVersionBytes, process.env);
  const { size } = statSync(place);
  if (size > maxVersionBytes) throw new RangeError(`it has ${size} bytes; ${maxVersionBytes} are allowed`);
  return readFileSync(place);
}

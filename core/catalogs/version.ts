import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Catalogs, parseCatalogs } from '../config/catalogs.ts';
import { LazuliError } from '../config/errors.ts';
import { shownIssues } from '../config/issues.ts';
import { jsonBytes, parsedJson } from '../config/text.ts';
import { type ChangeCounts, changeCountsSchema, changeOf, countsOf } from './changes.ts';

/** Limit of a version as JSON: several times what a catalog with the most sources allowed needs. */
export const maxVersionBytes = 32 * 2 ** 20;
/** characters */
export const maxMessage = 500;
export const maxBy = 200;

/** What is said of a version beside its catalogs. */
export interface Note {
  /** when it was put, as ISO 8601 has it, UTC */
  readonly put: string;
  /** who put it, as far as that is known */
  readonly by: string;
  readonly message: string | null;
  /** the version that it brings back; null where it brings none */
  readonly restores: number | null;
}

/** A version of the catalogs of a deployment. It never changes. */
export interface CatalogsVersion extends Note {
  /** from 1 on */
  readonly number: number;
  /** how it differs from the one before */
  readonly changes: ChangeCounts;
  readonly catalogs: Catalogs;
  /** the same as they were given, without defaults */
  readonly given: Readonly<Record<string, unknown>>;
}

/** `sha256` is that of `catalogs`, so that a version that somebody has edited is found. */
const keptSchema = z.strictObject({
  format: z.literal(1),
  put: z.iso.datetime(),
  by: z.string().max(maxBy),
  message: z.string().max(maxMessage).nullable(),
  restores: z.int().min(1).nullable(),
  changes: changeCountsSchema,
  sha256: z.string(),
  catalogs: z.record(z.string(), z.unknown()),
});

/**
 * A version as it is kept.
 *
 * @param given catalogs as they come from outside
 * @param before those of the version before
 * @throws LazuliError `configuration_invalid` where the schema refuses them, or they are too large
 */
export function versionBytes(given: unknown, before: Catalogs, note: Note, origin: string): Uint8Array {
  const catalogs = parseCatalogs(given, origin);
  const changes = countsOf(changeOf(before, catalogs), before, catalogs);
  const bytes = jsonBytes({ format: 1, ...note, changes, sha256: digestOf(given), catalogs: given });
  if (bytes.length <= maxVersionBytes) return bytes;
  const message = `${origin}: the catalogs take ${bytes.length} bytes as JSON; ${maxVersionBytes} are allowed`;
  throw new LazuliError('configuration_invalid', message, {
    remedy: 'Name fewer sources, or make a deployment of its own for some catalogs.',
  });
}

/** @throws LazuliError `configuration_invalid` where it is damaged, or is none that this version of Lazuli takes */
export function parseVersion(number: number, bytes: Uint8Array): CatalogsVersion {
  const { sha256, catalogs: given, format: _, ...rest } = parseKept(number, bytes);
  if (sha256 !== digestOf(given)) throw unusable(number, 'it was changed after it was put');
  try {
    return { number, ...rest, given, catalogs: parseCatalogs(given, `version ${number} of the catalogs`) };
  } catch (error) {
    throw unusable(number, (error as Error).message);
  }
}

function parseKept(number: number, bytes: Uint8Array): z.output<typeof keptSchema> {
  if (bytes.length > maxVersionBytes) throw unusable(number, `it has ${bytes.length} bytes`);
  let value: unknown;
  try {
    value = parsedJson(bytes);
  } catch (cause) {
    throw unusable(number, (cause as Error).message);
  }
  const { success, data, error } = keptSchema.safeParse(value);
  if (success) return data;
  throw unusable(number, shownIssues(error));
}

const unusable = (number: number, why: string): LazuliError =>
  new LazuliError('configuration_invalid', `Version ${number} of the catalogs can't be used: ${why}`, {
    remedy: `Put what is right: \`lazuli catalogs put FILE\`, or \`lazuli catalogs restore\` with the number of an earlier version.`,
  });

const digestOf = (catalogs: unknown): string => createHash('sha256').update(JSON.stringify(catalogs)).digest('hex');

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Environment, readSecret, secretOf } from '../config/environment.ts';
import { LazuliError } from '../config/errors.ts';
import { createAtomically } from '../storage/atomic-file.ts';

const leastCharacters = 32;

/** Where the secret may be. */
export interface SecretPlace {
  /** a file of the configuration's */
  readonly keyFile: string | undefined;
  /** where one is made if there is none anywhere */
  readonly stateFolder: string;
}

/**
 * The secret by which the service signs tokens of exports: `LAZULI_EXPORT_KEY`, or the file that the settings name, or one
 * that is made once in the state folder. All processes of a service need the same.
 *
 * @throws LazuliError `configuration_invalid`, which never shows it; `staging_unavailable`
 */
export async function exportSecret(place: SecretPlace, environment: Environment = process.env): Promise<Uint8Array> {
  const given = secretOf(environment, 'LAZULI_EXPORT_KEY');
  if (given !== null) return checked(given, 'LAZULI_EXPORT_KEY');
  if (place.keyFile !== undefined) return read(place.keyFile);
  const file = join(place.stateFolder, 'export-key');
  await createAtomically(file, Buffer.from(`${randomBytes(32).toString('base64url')}\n`));
  return read(file);
}

function read(file: string): Uint8Array {
  try {
    return checked(readSecret(file).trim(), file);
  } catch (cause) {
    if (cause instanceof LazuliError) throw cause;
    throw invalid(file, (cause as Error).message);
  }
}

function checked(secret: string, where: string): Uint8Array {
  if (secret.length >= leastCharacters) return Buffer.from(secret);
  throw invalid(where, `it has fewer than ${leastCharacters} characters`);
}

const invalid = (where: string, why: string): LazuliError =>
  new LazuliError('configuration_invalid', `The key of exports, ${where}, can't be used: ${why}`, {
    remedy: 'Give 32 characters or more that nobody can guess, such as those of `openssl rand -base64 32`.',
  });

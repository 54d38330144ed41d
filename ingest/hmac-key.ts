import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type Environment, readSecret, secretOf } from '../core/config/environment.ts';
import { LazuliError } from '../core/config/errors.ts';
import { makeFolder } from '../core/config/folder.ts';
import { shownIssues } from '../core/config/issues.ts';
import { wholeJson } from '../core/config/text.ts';

const hmacKeySchema = z.strictObject({ key: z.string().min(16), key_id: z.string().min(1) });

/** The secret that signs notifications (specification, indexing 4.2); the key's UTF-8 bytes are the secret. */
export type HmacKey = z.output<typeof hmacKeySchema>;

/**
 * The key as `LAZULI_HMAC_KEY` holds it, or else the file.
 *
 * @throws LazuliError `configuration_invalid` when it is missing or malformed; never shows the key
 */
export function readHmacKey(file: string, environment: Environment = process.env): HmacKey {
  let input: unknown;
  try {
    input = wholeJson(secretOf(environment, 'LAZULI_HMAC_KEY') ?? readSecret(file));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'it is no JSON' : (cause as Error).message;
    throw invalid(file, why);
  }
  const result = hmacKeySchema.safeParse(input);
  if (!result.success) throw invalid(file, shownIssues(result.error));
  return result.data;
}

/** Reads the key, or makes one, readable by its owner only, where the file doesn't exist. */
export function ensureHmacKey(file: string): HmacKey {
  const made: HmacKey = { key: randomBytes(32).toString('base64url'), key_id: randomUUID() };
  makeFolder(dirname(file));
  try {
    writeFileSync(file, `${JSON.stringify(made)}\n`, { mode: 0o600, flag: 'wx' });
    return made;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw invalid(file, (cause as Error).message);
    return readHmacKey(file);
  }
}

function invalid(file: string, why: string): LazuliError {
  return new LazuliError('configuration_invalid', `The key of notifications, ${file}, can't be used: ${why}`, {
    remedy: 'Name a file with {"key": …, "key_id": …} as `hmacKeyFile`; `lazuli up` makes one.',
  });
}

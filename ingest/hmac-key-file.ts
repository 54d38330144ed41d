import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Environment } from '../core/config/environment.ts';
import { LazuliError } from '../core/config/errors.ts';
import { type HmacKeys, readHmacKeys, textOfKeys } from './hmac-key.ts';

/**
 * Writes other keys to their file, whole and for its owner only. Of two at a time, one is refused.
 *
 * @param known what they are based on
 * @throws LazuliError `conflict`; `configuration_invalid` where a variable has the keys
 */
export function replaceHmacKeys(
  file: string,
  known: HmacKeys,
  keys: HmacKeys,
  environment: Environment = process.env,
): void {
  const { LAZULI_HMAC_KEY: text, LAZULI_HMAC_KEY_FILE: mounted } = environment;
  if (text !== undefined || mounted !== undefined) {
    const variable = text === undefined ? 'LAZULI_HMAC_KEY_FILE' : 'LAZULI_HMAC_KEY';
    throw new LazuliError(
      'configuration_invalid',
      `The keys come from ${variable}, which this command doesn't change.`,
      {
        remedy: 'Change the secret where it is kept: docs/deploying.md says how for a stack in AWS.',
      },
    );
  }
  const next = `${file}.next`;
  try {
    writeFileSync(next, textOfKeys(keys), { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw conflict(`Somebody else changes the keys, or was interrupted: ${next} exists.`, 'Delete it if nobody does.');
  }
  try {
    if (!isDeepStrictEqual(readHmacKeys(file, {}), known))
      throw conflict('The keys have changed meanwhile.', 'Look at them with `lazuli hmac-key list`, and try again.');
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

const conflict = (message: string, remedy: string): LazuliError => new LazuliError('conflict', message, { remedy });

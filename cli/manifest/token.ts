import { resolve } from 'node:path';
import { type Environment, readSecret, secretOf } from '../../core/config/environment.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { forBash } from '../../core/exports/command-lines.ts';

/** Who asks the service. */
export interface Token {
  readonly text: string;
  /** for bash, what stands for the token where nobody is to see it */
  readonly shell: string;
}

/** As they may stand in a header (RFC 6750, 2.1). */
const valid = /^[\w.~+/-]+=*$/;

/**
 * The token of a file, else that of the environment: `LAZULI_TOKEN`, or the file that `LAZULI_TOKEN_FILE` names.
 *
 * @returns null where there is none
 * @throws LazuliError `configuration_invalid`, never showing it
 */
export function tokenOf(file: string | undefined, environment: Environment = process.env): Token | null {
  const inFile = file ?? (environment.LAZULI_TOKEN === undefined ? environment.LAZULI_TOKEN_FILE : undefined);
  const text = file === undefined ? secretOf(environment, 'LAZULI_TOKEN')?.trim() : fromFile(file);
  if (text === undefined || (text === '' && inFile === undefined)) return null;
  if (!valid.test(text))
    throw new LazuliError('configuration_invalid', `What ${file ?? 'LAZULI_TOKEN'} has is no token.`, {
      remedy: 'Give the token alone, without quotes and without `Bearer`.',
    });
  return { text, shell: inFile === undefined ? '$LAZULI_TOKEN' : `$(cat ${forBash(resolve(inFile))})` };
}

function fromFile(file: string): string {
  try {
    return readSecret(file).trim();
  } catch (cause) {
    throw new LazuliError('configuration_invalid', `The token can't be read: ${(cause as Error).message}`, {
      remedy: 'Name a file that has the token alone, and that not everybody may write.',
    });
  }
}

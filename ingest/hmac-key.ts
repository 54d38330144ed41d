import { randomBytes, randomUUID } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type Environment, readSecret, secretOf } from '../core/config/environment.ts';
import { LazuliError } from '../core/config/errors.ts';
import { makeFolder } from '../core/config/folder.ts';
import { shownIssues } from '../core/config/issues.ts';
import { wholeJson } from '../core/config/text.ts';
import type { Logger } from '../core/runtime/logger.ts';

/** Ids stand in headers between quotes: what can't be there isn't an id. Those that we make are UUIDs. */
const keyId = z
  .string()
  .regex(/^[ !#-+\--[\]-~]{1,128}$/, 'must be 1 to 128 characters of ASCII without ", \\ and commas');
const hmacKeySchema = z.strictObject({ key: z.string().min(16), key_id: keyId });

/** A secret that signs notifications (specification, indexing 4.2); the key's UTF-8 bytes are the secret. */
export type HmacKey = z.output<typeof hmacKeySchema>;

/** The keys as file and variable hold them. While they are rotated there are two. */
const hmacKeysSchema = hmacKeySchema
  .extend({ other: hmacKeySchema.optional() })
  .refine(({ key, key_id, other }) => key_id !== other?.key_id && key !== other?.key, 'has the same key, or id, twice');

/** The keys of an indexer. */
export interface HmacKeys {
  /** what notifiers sign with */
  readonly current: HmacKey;
  /** valid too: the next one, before all indexers have it, or the former one, until nobody signs with it any more */
  readonly other: HmacKey | null;
}

/** All that are valid. */
export const validKeys = ({ current, other }: HmacKeys): readonly HmacKey[] =>
  other === null ? [current] : [current, other];

/**
 * The keys as `LAZULI_HMAC_KEY` holds them, or else the file.
 *
 * @throws LazuliError `configuration_invalid` when they are missing or malformed; never shows a key
 */
export function readHmacKeys(file: string, environment: Environment = process.env): HmacKeys {
  let input: unknown;
  try {
    input = wholeJson(secretOf(environment, 'LAZULI_HMAC_KEY') ?? readSecret(file));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'it is no JSON' : (cause as Error).message;
    throw invalid(file, why);
  }
  const result = hmacKeysSchema.safeParse(input);
  if (!result.success) throw invalid(file, shownIssues(result.error));
  const { other = null, ...current } = result.data;
  return { current, other };
}

/** The key that notifiers sign with. @throws LazuliError `configuration_invalid` */
export const readHmacKey = (file: string, environment: Environment = process.env): HmacKey =>
  readHmacKeys(file, environment).current;

/**
 * The keys as they are whenever somebody asks: a file is read again when it has changed, so that nobody has to start an
 * indexer again. While it can't be read, the keys that it had stay valid, and the log says so.
 *
 * @throws LazuliError `configuration_invalid` when there are none at first
 */
export function followHmacKeys(
  file: string,
  logger: Pick<Logger, 'info' | 'error'>,
  environment: Environment = process.env,
): () => HmacKeys {
  let keys = readHmacKeys(file, environment);
  if (environment.LAZULI_HMAC_KEY !== undefined) return () => keys;
  const path = environment.LAZULI_HMAC_KEY_FILE ?? file;
  let state = stateOf(path);
  return () => {
    const now = stateOf(path);
    if (now === state) return keys;
    state = now;
    try {
      keys = readHmacKeys(file, environment);
      logger.info(
        { current: keys.current.key_id, other: keys.other?.key_id },
        'the keys of notifications have changed',
      );
    } catch (err) {
      logger.error({ err }, 'the keys of notifications can not be read any more: those that were there stay valid');
    }
    return keys;
  };
}

/** What changes when a file is written or replaced. */
function stateOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? '' : [found.dev, found.ino, found.size, found.mtimeNs].join(' ');
}

/** A key that nobody knows yet. */
export const newHmacKey = (): HmacKey => ({ key: randomBytes(32).toString('base64url'), key_id: randomUUID() });

/** Text of file and variable. */
export const textOfKeys = ({ current, other }: HmacKeys): string =>
  `${JSON.stringify(other === null ? current : { ...current, other })}\n`;

/** Reads the key, or makes one, readable by its owner only, where the file doesn't exist. */
export function ensureHmacKey(file: string): HmacKey {
  const made = newHmacKey();
  makeFolder(dirname(file));
  try {
    writeFileSync(file, textOfKeys({ current: made, other: null }), { mode: 0o600, flag: 'wx' });
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

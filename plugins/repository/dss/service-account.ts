import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { readSecret } from '../../../core/config/environment.ts';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import { wholeJson } from '../../../core/config/text.ts';
import type { Clock } from '../../../core/runtime/ports.ts';
import type { Authorize } from './store.ts';

/** What stores of the Human Cell Atlas take, whichever they are. */
export const usualAudience = 'https://dev.data.humancellatlas.org/';

const groupClaim = 'https://auth.data.humancellatlas.org/group';
const lifeSeconds = 3600;
/** A token is made anew so long before it expires. */
const marginSeconds = 10;

/** The part of a key file of Google's that is needed. */
const keyFileSchema = z.looseObject({
  client_email: z.email(),
  private_key: z.string().min(1),
  private_key_id: z.string().min(1),
});

export interface ServiceAccount {
  /** the key file, as Google gives them out */
  readonly file: string;
  readonly audience: string;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Tokens that a service account makes of its key (specification, dss 3). Where the store refuses one, the next has the time
 * that the store's answer has: clocks may differ.
 *
 * @returns fails with LazuliError `configuration_invalid` where the key file can't be used; never shows the key
 */
export function authorizeBy({ file, audience, clock }: ServiceAccount): Authorize {
  let token = '';
  let until = 0;
  /** seconds by which the store's clock is ahead */
  let ahead = 0;
  return async (refused) => {
    const now = Math.floor(clock.now() / 1000);
    if (refused === undefined && now + ahead < until - marginSeconds) return token;
    const time = Date.parse(refused?.headers.get('date') ?? '') / 1000;
    if (Number.isFinite(time)) ahead = Math.floor(time) - now;
    token = `Bearer ${await signed(file, audience, now + ahead)}`;
    until = now + ahead + lifeSeconds;
    return token;
  };
}

async function signed(file: string, audience: string, now: number): Promise<string> {
  const { client_email: email, private_key: key, private_key_id: kid } = readKeyFile(file);
  const privateKey = await importPKCS8(key, 'RS256').catch(() => {
    throw invalid(file, 'its private key is no key');
  });
  return new SignJWT({ email, scope: ['email', 'openid', 'offline_access'], [groupClaim]: 'hca' })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
    .setIssuer(email)
    .setSubject(email)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + lifeSeconds)
    .sign(privateKey);
}

function readKeyFile(file: string): z.output<typeof keyFileSchema> {
  let input: unknown;
  try {
    input = wholeJson(readSecret(file));
  } catch (cause) {
    // What the parser says may quote the key.
    throw invalid(file, cause instanceof SyntaxError ? 'it is no JSON' : (cause as Error).message);
  }
  const { data, error } = keyFileSchema.safeParse(input);
  if (data === undefined) throw invalid(file, shownIssues(error));
  return data;
}

const invalid = (file: string, why: string): LazuliError =>
  new LazuliError('configuration_invalid', `The key file of the service account, ${file}, can't be used: ${why}`, {
    remedy: 'Name one that Google gave out, as `credentials` of the plug-in or in GOOGLE_APPLICATION_CREDENTIALS.',
  });

import { z } from 'zod';
import { readSecret } from '../../../core/config/environment.ts';
import { LazuliError } from '../../../core/config/errors.ts';
import { type Accepted, type CheckToken, groupsOf, invalid, subjectOf } from './accepted.ts';
import { askProvider, unavailable } from './asking.ts';
import type { Kept } from './kept.ts';
import type { ProviderOptions } from './options.ts';
import type { ProviderMetadata } from './provider.ts';

type Options = NonNullable<ProviderOptions['introspection']>;

/** What a provider says about a token (RFC 7662, 2.2), beside claims of its own. */
const told = z.discriminatedUnion('active', [
  z.looseObject({ active: z.literal(false) }),
  z.looseObject({
    active: z.literal(true),
    iss: z.string().optional(),
    aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
    client_id: z.string().optional(),
    token_type: z.string().optional(),
    exp: z.number().optional(),
    nbf: z.number().optional(),
    cnf: z.unknown().optional(),
  }),
]);
/** A provider may know nothing about tokens that say all themselves. */
const untold = z.object({ error: z.literal('unsupported_token_type') });
type Active = Extract<z.output<typeof told>, { active: true }>;

/** Checks tokens by asking the provider about each (RFC 7662). */
export function introspectionCheck(
  options: ProviderOptions,
  own: Options,
  provider: Kept<ProviderMetadata>,
  now: () => number,
): CheckToken {
  return async (token): Promise<Accepted> => {
    const url = new URL(own.endpoint ?? (await publishedBy(provider, options)));
    const form = new URLSearchParams({ token, token_type_hint: 'access_token' });
    const { status, json } = await askProvider(url, { authorization: clientOf(own) }, form);
    if (status === 400 && untold.safeParse(json).success) throw invalid('the provider tells nothing of such tokens');
    const found = told.safeParse(json);
    if (status !== 200 || !found.success) throw unavailable(url, `it answers ${status}, and not what a token is`);
    if (!found.data.active) throw invalid('the provider says that it is not active');
    expectOurs(found.data, options, own, now());
    const { exp } = found.data;
    return {
      subject: subjectOf(found.data, options.subject),
      groups: groupsOf(found.data, options.groups),
      ...(exp === undefined ? {} : { expires: (exp + options.clockSkewSeconds) * 1000 }),
    };
  };
}

/** The secret is read each time, so that another one is used as soon as it is mounted. @throws LazuliError `configuration_invalid` */
export function clientOf({ clientId, secretFile }: Options): string {
  // RFC 6749, 2.3.1: both are encoded as in a form.
  const pair = [clientId, secretIn(secretFile)].map(encodeURIComponent).join(':');
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function secretIn(file: string): string {
  try {
    const secret = readSecret(file).trim();
    if (secret !== '') return secret;
  } catch (cause) {
    throw unreadable(file, (cause as Error).message);
  }
  throw unreadable(file, 'it is empty');
}

const unreadable = (file: string, why: string): LazuliError =>
  new LazuliError('configuration_invalid', `authentication.introspection: ${file} can't be used: ${why}`, {
    remedy: 'Mount a file with the secret of the client there, which only its owner may write.',
  });

async function publishedBy(provider: Kept<ProviderMetadata>, { issuer }: ProviderOptions): Promise<string> {
  const { introspection_endpoint: published } = await provider.get();
  if (published !== undefined) return published;
  throw unavailable(
    new URL(issuer),
    'it publishes no introspection_endpoint: set authentication.introspection.endpoint',
  );
}

/** That a token is active says not for whom it was given. */
function expectOurs(
  found: Active,
  { issuer, audience, clockSkewSeconds: skew }: ProviderOptions,
  own: Options,
  now: number,
) {
  const { iss, aud, client_id: client, token_type: type, exp, nbf, cnf } = found;
  if (iss !== undefined && iss !== issuer) throw invalid('it is of another issuer');
  const isOurs =
    aud === undefined
      ? client !== undefined && own.clients.includes(client)
      : aud.some((one) => audience.includes(one));
  if (!isOurs) throw invalid('it is for another audience');
  if (type !== undefined && !/^(bearer|access_token)$/i.test(type)) throw invalid('it is a token for something else');
  if (cnf !== undefined) throw invalid('it is bound to a key');
  if (exp !== undefined && now >= (exp + skew) * 1000) throw invalid('it has expired');
  if (nbf !== undefined && now < (nbf - skew) * 1000) throw invalid('it is not valid yet');
}

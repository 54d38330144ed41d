import type { SignIn } from '../../../core/config/sign-in.ts';
import {
  type Authentication,
  type AuthenticationPlugin,
  bearerToken,
  Credential,
} from '../../../core/model/authentication.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { Turns } from '../../../core/runtime/turns.ts';
import { type CheckToken, invalid } from './accepted.ts';
import { CheckedTokens } from './checked.ts';
import { clientOf, introspectionCheck } from './introspection.ts';
import { isJwt, jwtCheck } from './jwt.ts';
import type { Kept } from './kept.ts';
import { keysOf } from './keys.ts';
import { type GoogleOptions, type ProviderOptions, parseOptions } from './options.ts';
import { type ProviderMetadata, providerMetadata } from './provider.ts';
import { googleSignIn, type SignInOptions, signInAt, signInOf } from './sign-in.ts';
import { tokeninfoCheck } from './tokeninfo.ts';

/** What a token may consist of (RFC 6750, 2.1): it is sent on as it came. */
const tokenPattern = /^[\w.~+/-]+=*$/;
/** Tokens that the provider is asked about at a time, and that wait for it. */
const questions = { atOnce: 16, waiting: 500, waitMillis: 4_000 };

/**
 * Callers that an OpenID provider knows: by access tokens that are JWTs, by opaque ones that it introspects, or by those of
 * Google. A caller without a token is anonymous.
 */
export const oidc: AuthenticationPlugin = {
  name: 'oidc',
  open: async (options) => openedAt(parseOptions(options), systemClock.now),
};

/** @param now milliseconds since the epoch. @throws LazuliError `configuration_invalid` */
export async function openedAt(options: ProviderOptions | GoogleOptions, now: () => number): Promise<Authentication> {
  const { check, signIn } = 'google' in options ? googleOf(options, now) : providerOf(options, now);
  const checked = new CheckedTokens(check, options.rememberSeconds * 1000, now);
  return {
    async identify(authorization, signal) {
      if (authorization === undefined) return { subject: null };
      const token = bearerToken(authorization);
      if (!tokenPattern.test(token)) throw invalid('it has characters that no token has');
      const credential = new Credential(token);
      return { ...(await checked.of(credential.fingerprint, token, signal)), credential };
    },
    ...(options.signIn === undefined ? {} : { signIn: signIn(options.signIn) }),
  };
}

/** What is asked of those who say who somebody is. */
interface Asked {
  readonly check: CheckToken;
  readonly signIn: (options: SignInOptions) => () => Promise<SignIn>;
}

function googleOf(options: GoogleOptions, now: () => number): Asked {
  const { issuer, metadata } = googleSignIn;
  return {
    check: asking(tokeninfoCheck(options, now)),
    signIn: (how) => {
      const known = signInOf(issuer, metadata, how);
      return async () => known;
    },
  };
}

function providerOf(options: ProviderOptions, now: () => number): Asked {
  const provider = providerMetadata(options.issuer, now);
  return {
    check: providerCheck(options, provider, now),
    signIn: (how) => signInAt(options.issuer, () => provider.get(), how),
  };
}

function providerCheck(options: ProviderOptions, provider: Kept<ProviderMetadata>, now: () => number): CheckToken {
  const { introspection } = options;
  const jwt = jwtCheck(options, keysOf(provider, now), now);
  if (introspection === undefined) return jwt;
  clientOf(introspection);
  const opaque = asking(introspectionCheck(options, introspection, provider, now));
  if (introspection.all) return opaque;
  return (token) => (isJwt(token) ? jwt(token) : opaque(token));
}

/** Asks a provider about so many tokens at a time. */
function asking(check: CheckToken): CheckToken {
  const turns = new Turns(questions, { clock: systemClock });
  return (token) => turns.take(new AbortController().signal, () => check(token));
}

export { oidc as plugin };

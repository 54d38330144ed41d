import * as oauth from 'oauth4webapi';
import { LazuliError } from '../../core/config/errors.ts';
import { isLoopback, isUnheard } from '../../core/config/loopback.ts';

/** Tokens of a person. */
export interface Tokens {
  readonly access: string;
  /** by which there will be others; null: the person has to sign in again */
  readonly refresh: string | null;
  /** seconds for which the access token is valid; null: nobody knows */
  readonly seconds: number | null;
}

/** An OpenID provider as the command line, a client without a secret, talks to it. */
export interface Provider {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly options: { readonly signal: () => AbortSignal; readonly [oauth.allowInsecureRequests]: boolean };
}

const answerMillis = 15_000;

/** @throws LazuliError `unavailable` where it can't be asked, or isn't asked in private */
export async function openProvider(issuer: string, clientId: string, signal: AbortSignal): Promise<Provider> {
  const url = URL.parse(issuer);
  if (url === null || !isUnheard(url)) throw unsafe(issuer);
  const options = {
    signal: () => AbortSignal.any([signal, AbortSignal.timeout(answerMillis)]),
    [oauth.allowInsecureRequests]: isLoopback(url),
  };
  const server = await fromProvider(issuer, signal, async () =>
    oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options)),
  );
  return { server, client: { client_id: clientId }, options };
}

/**
 * What a provider answers.
 *
 * @throws LazuliError `unavailable` where there is no proper answer; what it says itself is thrown as it is
 */
export async function fromProvider<T>(issuer: string, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof oauth.ResponseBodyError && cause.status < 500) throw cause;
    throw new LazuliError('unavailable', `The provider ${issuer} gives no proper answer.`, {
      remedy: 'Try again in a few minutes; if that does not help, tell whoever runs the service.',
      cause: reasonOf(cause),
    });
  }
}

/** Nothing of an answer, in which a token may be. */
function reasonOf(cause: unknown): Error {
  const { message, cause: inner } = cause as Error;
  const code = (inner as NodeJS.ErrnoException | undefined)?.code;
  return new Error(typeof code === 'string' && /^E[A-Z]+$/.test(code) ? code : message);
}

/** What a token endpoint has answered. */
export const tokensOf = (answer: oauth.TokenEndpointResponse): Tokens => ({
  access: answer.access_token,
  refresh: answer.refresh_token ?? null,
  seconds: answer.expires_in ?? null,
});

/** @throws LazuliError `unauthorized` where the person has to sign in again; `unavailable` */
export async function refreshed(provider: Provider, refresh: string, signal: AbortSignal): Promise<Tokens> {
  const { server, client, options } = provider;
  try {
    return await fromProvider(server.issuer, signal, async () => {
      const answer = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refresh, options);
      return tokensOf(await oauth.processRefreshTokenResponse(server, client, answer));
    });
  } catch (cause) {
    if (!(cause instanceof oauth.ResponseBodyError)) throw cause;
    throw new LazuliError('unauthorized', `The provider ${server.issuer} gives no new token: ${cause.error}.`, {
      remedy: 'Sign in again with `lazuli login`.',
    });
  }
}

/** Takes a token back, where the provider does that (RFC 7009). @returns whether it was taken back */
export async function revoked(provider: Provider, token: string, signal: AbortSignal): Promise<boolean> {
  const { server, client, options } = provider;
  if (server.revocation_endpoint === undefined) return false;
  return fromProvider(server.issuer, signal, async () => {
    const answer = await oauth.revocationRequest(server, client, oauth.None(), token, options);
    await oauth.processRevocationResponse(answer);
    return true;
  });
}

const unsafe = (issuer: string): LazuliError =>
  new LazuliError('unavailable', `The provider ${issuer.slice(0, 200)} can't be asked in private.`, {
    remedy: 'Tell whoever runs the service that its provider needs an address with https.',
  });

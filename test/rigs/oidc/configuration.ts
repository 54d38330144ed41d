import { type Configuration, errors } from 'oidc-provider';
import { clients, clientsOf } from './clients.ts';
import type { SigningAlgorithm, SigningKey } from './keys.ts';
import { claimsOf, type People } from './people.ts';
import type { ProviderStorage } from './storage.ts';

/** Access tokens that say all themselves, or that only the provider can tell something of. */
export type TokenFormat = 'jwt' | 'opaque';

/** The audience of access tokens (RFC 8707), unless another one is asked for. */
export const audience = 'https://service.example';
/** What an access token of this audience lets one do. */
export const scope = 'read';

export interface Settings {
  /** what signs now, and what is still published */
  readonly keys: readonly SigningKey[];
  readonly algorithm: SigningAlgorithm;
  readonly format: TokenFormat;
  /** for which an access token is valid */
  readonly seconds: number;
  readonly people: People;
  /** where the page may come back to */
  readonly redirects: readonly string[];
  readonly storage: ProviderStorage;
}

/** Lifetimes of what isn't an access token, in seconds. */
const lifetimes = { session: 3_600, interaction: 600, code: 60 };

export function configurationOf(settings: Settings): Configuration {
  const { people, algorithm, keys, storage, redirects } = settings;
  return {
    adapter: storage.adapter,
    clients: clientsOf(redirects, algorithm),
    jwks: { keys },
    cookies: { keys: ['cookies-of-tests'] },
    scopes: ['openid', 'offline_access', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    clockTolerance: 0,
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    async findAccount(_ctx, subject) {
      const person = people.get(subject);
      if (person === undefined) return undefined;
      return { accountId: subject, claims: async () => ({ sub: subject, ...claimsOf(subject, person) }) };
    },
    async extraTokenClaims(_ctx, token) {
      const subject = 'accountId' in token ? token.accountId : undefined;
      const person = people.get(subject ?? '');
      return subject === undefined || person === undefined ? undefined : claimsOf(subject, person);
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    renderError(ctx, out) {
      ctx.type = 'text/plain';
      ctx.body = `${out.error}: ${out.error_description ?? ''}`;
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: settings.seconds,
      ClientCredentials: settings.seconds,
      IdToken: settings.seconds,
      AuthorizationCode: lifetimes.code,
      DeviceCode: lifetimes.interaction,
      Interaction: lifetimes.interaction,
      Grant: lifetimes.session,
      RefreshToken: lifetimes.session,
      Session: lifetimes.session,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, { clientId }, token) => clientId === clients.service.id || clientId === token.clientId,
      },
      revocation: { enabled: true, allowedPolicy: (_ctx, { clientId }, token) => clientId === token.clientId },
      userinfo: { enabled: true },
      deviceFlow: { enabled: true, ...devicePages },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, _client, oneOf) => oneOf ?? audience,
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx, resource) {
          if (URL.parse(resource) === null) throw new errors.InvalidTarget();
          return resourceServer(settings, resource);
        },
      },
    },
  };
}

/** What access tokens of an audience are like. */
export const resourceServer = ({ format, seconds, algorithm }: Settings, resource: string) => ({
  scope,
  audience: resource,
  accessTokenTTL: seconds,
  accessTokenFormat: format,
  ...(format === 'jwt' ? { jwt: { sign: { alg: algorithm } } } : {}),
});

const page = (content: string): string =>
  `<!doctype html><html lang="en"><title>Sign in</title><body>${content}</body>`;

const devicePages: NonNullable<NonNullable<Configuration['features']>['deviceFlow']> = {
  async userCodeInputSource(ctx, form, _out, error) {
    ctx.body = page(
      `${error === undefined ? '' : '<p>This code is not valid.</p>'}${form}<button form="op.deviceInputForm">Go on</button>`,
    );
  },
  async userCodeConfirmSource(ctx, form, _client, _device, userCode) {
    ctx.body = page(`<p>${userCode}</p>${form}<button form="op.deviceConfirmForm">Go on</button>`);
  },
  async successSource(ctx) {
    ctx.body = page('<p>The device is signed in.</p>');
  },
};

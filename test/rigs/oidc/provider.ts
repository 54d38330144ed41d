import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { clients } from './clients.ts';
import { audience, configurationOf, resourceServer, type Settings, scope, type TokenFormat } from './configuration.ts';
import { newSigningKey, type SigningAlgorithm, type SigningKey } from './keys.ts';
import { claimsOf, type Person } from './people.ts';
import { signInPage, signInPath } from './sign-in-page.ts';
import { ProviderStorage } from './storage.ts';
import { type Tokens, Visitor } from './visitor.ts';

/** What a provider does with requests: answers; answers 503; never answers; ends the connection. */
export type Condition = 'up' | 'unavailable' | 'silent' | 'gone';

export interface OidcOptions {
  /** by their subjects */
  readonly people: Readonly<Record<string, Person>>;
  /** of access tokens; default: `jwt` */
  readonly format?: TokenFormat;
  /** default: `ES256`, whose keys are made in no time */
  readonly algorithm?: SigningAlgorithm;
  /** for which an access token is valid; default: an hour */
  readonly seconds?: number;
}

/** A request that the provider was sent. */
export interface Asked {
  readonly method: string;
  /** without its query */
  readonly path: string;
  /** headers and query, in which secrets may be */
  readonly authorization: string | undefined;
  readonly query: string;
}

/** What a token is to be like that nobody has to sign in for. */
export interface Wanted {
  readonly audience?: string;
  readonly format?: TokenFormat;
  /** for which it is valid, from now on or from `issued` on */
  readonly seconds?: number;
  /** seconds since the epoch */
  readonly issued?: number;
  readonly scope?: string;
  /** beside, or in place of, those of the person */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A real OpenID provider on the loopback interface, with keys and people of its own. */
export class Oidc implements AsyncDisposable {
  /** who can sign in: may be changed at any time */
  readonly people: Map<string, Person>;
  /** requests since the start, or since somebody emptied it */
  readonly asked: Asked[] = [];
  readonly issuer: string;
  condition: Condition = 'up';
  readonly #server: Server;
  #settings: Settings;
  #provider: Provider;

  constructor(server: Server, { people, format = 'jwt', algorithm = 'ES256', seconds = 3_600 }: OidcOptions) {
    this.people = new Map(Object.entries(people));
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
    const keys = [newSigningKey(algorithm)];
    const redirects = ['http://127.0.0.1:9/back'];
    const storage = new ProviderStorage();
    this.#settings = { keys, algorithm, format, seconds, people: this.people, redirects, storage };
    this.#provider = new Provider(this.issuer, configurationOf(this.#settings));
    server.on('request', (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** the key that signs, with its private part */
  get key(): SigningKey {
    const [key] = this.#settings.keys;
    if (key === undefined) throw new Error('A provider has a key');
    return key;
  }

  /** Lets the page come back to this URL. */
  allowRedirect(url: string): void {
    this.#change({ redirects: [...this.#settings.redirects, url] });
  }

  /** Signs with a new key from now on. @param keeps whether the former ones are still published */
  rotate(keeps = true): void {
    const key = newSigningKey(this.#settings.algorithm);
    this.#change({ keys: keeps ? [key, ...this.#settings.keys] : [key] });
  }

  /** Signs a person in, as a page does it: authorization code with PKCE. @param further parameters of the request */
  signIn(subject: string, further: Readonly<Record<string, string>> = {}): Promise<Tokens> {
    const [redirect = ''] = this.#settings.redirects;
    return new Visitor(this.issuer, subject).signIn(redirect, clients.page, further);
  }

  /** Lets a device act for a person, or not. @param uri its `verification_uri_complete` */
  approve(uri: string, subject: string, denies = false): Promise<void> {
    return new Visitor(this.issuer, subject).approve(uri, denies);
  }

  /** An access token as the provider itself makes it, without anybody signing in. */
  async token(subject: string, wanted: Wanted = {}): Promise<string> {
    const settings = { ...this.#settings, ...(wanted.format === undefined ? {} : { format: wanted.format }) };
    const resource = wanted.audience ?? audience;
    const client = await this.#provider.Client.find(clients.page);
    if (client === undefined) throw new Error('The provider knows the page');
    const { AccessToken, ResourceServer } = this.#provider;
    const token = new AccessToken({
      client,
      accountId: subject,
      grantId: await this.#grant(subject),
      gty: 'authorization_code',
      scope: wanted.scope ?? scope,
      resourceServer: new ResourceServer(resource, resourceServer(settings, resource)),
      expiresIn: wanted.seconds ?? settings.seconds,
      extra: { ...claimsOf(subject, this.people.get(subject) ?? { groups: [] }), ...wanted.claims },
    });
    token.setAudience(resource);
    if (wanted.issued !== undefined) {
      token.iat = wanted.issued;
      token.exp = wanted.issued + token.expiration;
    }
    return token.save();
  }

  /** Takes back an opaque token, as the page does it when somebody signs out (RFC 7009). */
  async revoke(token: string): Promise<void> {
    const body = new URLSearchParams({ token, client_id: clients.page });
    const answer = await fetch(`${this.issuer}/token/revocation`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`Not revoked: ${await answer.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #grant(accountId: string): Promise<string> {
    return new this.#provider.Grant({ accountId, clientId: clients.page }).save();
  }

  /** A provider can't be changed: the next one goes on with what this one keeps. */
  #change(changed: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...changed };
    this.#provider = new Provider(this.issuer, configurationOf(this.#settings));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/', query = ''] = (request.url ?? '/').split('?');
    this.asked.push({ method: request.method ?? 'GET', path, query, authorization: request.headers.authorization });
    switch (this.condition) {
      case 'silent':
        return;
      case 'gone':
        response.destroy();
        return;
      case 'unavailable':
        response.writeHead(503).end();
        return;
      case 'up':
        if (signInPath.test(path)) await signInPage(this.#provider, this.people, request, response);
        else await this.#provider.callback()(request, response);
    }
  }
}

/** Starts one on a free port, in a fraction of a second. */
export async function startOidc(options: OidcOptions): Promise<Oidc> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new Oidc(server, options);
}

import { createVerify, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Account } from './account.ts';
import { json, type Route } from './routes.ts';

const tokenSeconds = 3600;
/** One pair for all: making them takes long. */
let pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
const keys = () => {
  pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return pair;
};

/** Accounts, their tokens, and what Google says of these (specification, tdr 4). */
export class Accounts {
  readonly #accounts: readonly Account[];
  readonly #byToken = new Map<string, Account>();

  constructor(accounts: readonly Account[]) {
    this.#accounts = accounts;
    for (const account of accounts) if (account.token !== undefined) this.#byToken.set(account.token, account);
  }

  of(authorization: string | undefined): Account | 'unknown' | null {
    if (authorization === undefined) return null;
    const [, token = ''] = /^bearer (.+)$/i.exec(authorization) ?? [];
    return this.#byToken.get(token) ?? 'unknown';
  }

  /** Nobody's token is good any more, except those of persons. */
  forget(): void {
    for (const [token, account] of this.#byToken) if (account.token !== token) this.#byToken.delete(token);
  }

  /** Writes the key of a service account as Google gives it. */
  writeKey(file: string, email: string): void {
    const { privateKey } = keys();
    const key = {
      ...{ type: 'service_account', project_id: email.split('@')[1]?.split('.')[0], private_key_id: randomUUID() },
      ...{ private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }), client_email: email, client_id: '1' },
      token_uri: 'https://oauth2.googleapis.com/token',
    };
    writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
  }

  routes(): readonly Route[] {
    return [
      ['POST', /^\/oauth2\/token$/, ({ body }) => this.#token(new URLSearchParams(body.toString()))],
      ['GET', /^\/oauth2\/v3\/tokeninfo$/, ({ query }) => this.#info(query.get('access_token') ?? '')],
    ];
  }

  #token(form: URLSearchParams) {
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const isSigned = createVerify('RSA-SHA256')
      .update(`${head}.${claims}`)
      .verify(keys().publicKey, signature, 'base64url');
    const { iss, scope } = isSigned ? JSON.parse(Buffer.from(claims, 'base64url').toString()) : {};
    const account = this.#accounts.find(({ email }) => email === iss);
    if (account === undefined || typeof scope !== 'string')
      return json(400, { error: 'invalid_grant', error_description: 'Invalid grant: account not found' });
    const token = `ya29.${randomUUID()}`;
    this.#byToken.set(token, account);
    return json(200, { access_token: token, expires_in: tokenSeconds, token_type: 'Bearer' });
  }

  /** All values are text. */
  #info(token: string) {
    const account = this.#byToken.get(token);
    if (account === undefined) return json(400, { error: 'invalid_token', error_description: 'Invalid Value' });
    const { email, verified = true, azp = '1', sub = email } = account;
    return json(200, {
      ...{ azp, aud: azp, sub, scope: 'https://www.googleapis.com/auth/userinfo.email openid' },
      exp: String(Math.floor(Date.now() / 1000) + tokenSeconds),
      ...{ expires_in: String(tokenSeconds), email, email_verified: String(verified), access_type: 'online' },
    });
  }
}

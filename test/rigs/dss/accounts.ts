import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { decodeJwt, jwtVerify } from 'jose';
import { Problem } from './answers.ts';

const group = 'https://auth.data.humancellatlas.org/group';
const email = 'https://auth.data.humancellatlas.org/email';
export const audience = 'https://dev.data.humancellatlas.org/';

type KeyPair = ReturnType<typeof generateKeyPairSync>;

/** A service account that callers of the store can be. */
export interface Account {
  readonly email: string;
  readonly keyId: string;
  readonly keys: KeyPair;
}

/** Who calls: an owner of subscriptions, and what they may. */
export interface Caller {
  readonly email: string;
  readonly groups: readonly string[];
}

/** @param project the part of the address by which the store knows its friends */
export function newAccount(name: string, project = 'trusted'): Account {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { email: `${name}@${project}.iam.gserviceaccount.com`, keyId: randomUUID(), keys };
}

/** Writes the key file of an account, as Google gives them out. */
export function writeKeyFile(file: string, { email: client_email, keyId, keys }: Account): string {
  const private_key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const rest = { private_key_id: keyId, client_id: '1', token_uri: 'https://oauth2.invalid/token' };
  writeFileSync(file, JSON.stringify({ type: 'service_account', client_email, private_key, ...rest }), { mode: 0o600 });
  return file;
}

/** The store's check of tokens (specification, dss 3). */
export class Accounts {
  readonly #known = new Map<string, Account>();
  /** who may delete bundles */
  readonly admins = new Set<string>();
  readonly #projects: readonly string[];
  readonly #now: () => number;

  constructor(projects: readonly string[], now: () => number) {
    this.#projects = projects;
    this.#now = now;
  }

  /** Makes an account whose keys can be looked up. */
  add(account: Account, isAdmin = false): Account {
    this.#known.set(account.email, account);
    if (isAdmin) this.admins.add(account.email);
    return account;
  }

  /** @param wanted groups of which the caller has to be in one; none: any */
  async require(authorization: string | undefined, wanted: readonly string[] = []): Promise<Caller> {
    const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
    if (token === undefined) throw unauthorized('No token.');
    const account = this.#accountOf(token);
    const currentDate = new Date(this.#now());
    const checks = { algorithms: ['RS256'], audience, issuer: account.email, currentDate, requiredClaims: ['exp'] };
    const { payload, protectedHeader } = await jwtVerify(token, account.keys.publicKey, checks).catch(
      (error: Error) => {
        throw unauthorized(error.message);
      },
    );
    if (protectedHeader.kid !== account.keyId || payload.sub !== payload.iss) throw unauthorized('Unknown key.');
    const found = payload[email] ?? payload.email;
    if (typeof found !== 'string') throw unauthorized('No e-mail.');
    const groups = [payload[group]].flat().filter((one) => typeof one === 'string');
    if (wanted.length > 0 && !wanted.some((one) => groups.includes(one))) throw forbidden('Wrong group.');
    return { email: found, groups };
  }

  #accountOf(token: string): Account {
    const issuer = issuerOf(token);
    const project = /@([^.@]+)\.iam\.gserviceaccount\.com$/.exec(issuer)?.[1] ?? '';
    if (!this.#projects.includes(project)) throw forbidden('Unknown issuer.');
    const account = this.#known.get(issuer);
    if (account === undefined) throw unauthorized('There are no keys of that issuer.');
    return account;
  }
}

function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw unauthorized('Undecodable token.');
  }
}

const unauthorized = (title: string): Problem => new Problem(401, 'Unauthorized', title);
export const forbidden = (title: string): Problem => new Problem(403, 'Forbidden', title);

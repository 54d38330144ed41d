import { createPublicKey, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { importJWK, type JWTPayload, SignJWT } from 'jose';
import { authenticationFindings } from '../../../plugins/battery/authentication.ts';
import { audience } from '../../rigs/oidc/configuration.ts';
import { newSigningKey, type SigningKey } from '../../rigs/oidc/keys.ts';
import { type Oidc, startOidc } from '../../rigs/oidc/provider.ts';
import { expectNone } from '../battery/findings.ts';
import { type Asked, asking } from './asked.ts';

/** Without those that are undefined. */
type Claims = { readonly [K in keyof JWTPayload]?: JWTPayload[K] | undefined };

const seconds = (): number => Math.floor(Date.now() / 1000);

describe('the authentication plug-in oidc, asked with JWTs,', () => {
  let oidc: Oidc;
  let asked: Asked;
  const open = async (more: object = {}) => asking({ issuer: oidc.issuer, audience, ...more });
  beforeEach(async () => {
    oidc = await startOidc({ people: { ann: { groups: ['lung', 'kidney'] }, bob: { groups: [] } } });
    asked = await open();
  });
  afterEach(() => oidc[Symbol.asyncDispose]());

  /** A token like those of the provider, but for what is given, signed with its key unless told otherwise. */
  async function made(claims: Claims, header: object = {}, key: SigningKey = oidc.key): Promise<string> {
    const usual = { iss: oidc.issuer, aud: audience, sub: 'ann', groups: ['lung'], exp: seconds() + 600 };
    return new SignJWT({ ...usual, ...claims } as JWTPayload)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(await importJWK({ ...key }, key.alg), { crit: { lab: true } });
  }

  it('knows those who have signed in, and their groups, until their tokens expire', async () => {
    const { access_token } = await oidc.signIn('ann');
    const identity = await asked.authentication.identify(`bearer ${access_token}`, new AbortController().signal);
    expect({ ...identity, credential: undefined, expires: undefined }).to.deep.equal({
      subject: 'ann',
      groups: ['lung', 'kidney'],
      credential: undefined,
      expires: undefined,
    });
    expect(identity.credential?.authorization()).to.equal(`Bearer ${access_token}`);
    expect(identity.expires).to.be.closeTo(Date.now() + 3_630_000, 5_000);
    asked.passed = 3_631;
    expect(await asked.who(access_token)).to.equal('unauthorized');
  });

  it('keeps the contract of authentication plug-ins', async () => {
    const valid = { ann: `Bearer ${await oidc.token('ann')}`, bob: `Bearer ${await oidc.token('bob')}` };
    const expired = [`Bearer ${await oidc.token('ann', { issued: seconds() - 4_000 })}`];
    const foreign = [`Bearer ${await made({}, {}, newSigningKey('ES256'))}`, 'Bearer of-another-kind'];
    await expectNone(authenticationFindings(asked.authentication, { valid, expired, foreign }));
  });

  it('refuses what is not an access token of this provider for this service', async () => {
    const unsigned = (alg: string) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg, typ: 'at+jwt' })}.${part({ iss: oidc.issuer, aud: audience, sub: 'ann', exp: seconds() + 600 })}.`;
    };
    const byPublicKey = async () => {
      const pem = (createPublicKey({ key: { ...oidc.key }, format: 'jwk' }) as KeyObject).export({
        format: 'pem',
        type: 'spki',
      });
      return new SignJWT({ iss: oidc.issuer, aud: audience, sub: 'ann', exp: seconds() + 600 })
        .setProtectedHeader({ alg: 'HS256', kid: oidc.key.kid })
        .sign(Buffer.from(pem));
    };
    const own = newSigningKey('ES256');
    const { d: _, ...itsPublicPart } = own;
    const refused: Readonly<Record<string, string>> = {
      'of another issuer': await made({ iss: 'https://other.example' }),
      'for another audience': await made({ aud: 'https://other.example' }),
      'for none': await made({ aud: undefined }),
      'without an end': await made({ exp: undefined }),
      'that has ended': await made({ exp: seconds() - 31 }),
      'that begins later': await made({ nbf: seconds() + 40 }),
      'of nobody': await made({ sub: '' }),
      'of somebody with an endless name': await made({ sub: 'x'.repeat(257) }),
      'with too many groups': await made({ groups: Array.from({ length: 1_001 }, (_, i) => `${i}`) }),
      'with groups that are none': await made({ groups: [{ name: 'lung' }] }),
      'for something else': await made({}, { typ: 'logout+jwt' }),
      'to sign in': await made({ typ: 'ID' }),
      'bound to a key': await made({ cnf: { jkt: 'x' } }),
      'with a key of its own': await made({}, { jwk: itsPublicPart }, own),
      'with the name of the key': await made({}, {}, { ...own, kid: oidc.key.kid }),
      'with an extension that must be known': await made({}, { crit: ['lab'], lab: 1 }),
      'not signed': unsigned('none'),
      'not signed, though it says so': unsigned('ES256'),
      'signed with the public key as a secret': await byPublicKey(),
      opaque: 'x'.repeat(43),
      'with a character that no token has': 'ä'.repeat(43),
    };
    const found = Object.fromEntries(
      await Promise.all(Object.entries(refused).map(async ([what, token]) => [what, await asked.who(token)])),
    );
    expect(found).to.deep.equal(Object.fromEntries(Object.keys(refused).map((what) => [what, 'unauthorized'])));
    expect(await asked.who(await made({}))).to.equal('ann lung');
    expect(await asked.who(await made({ exp: seconds() - 20 }))).to.equal('ann lung');
  });

  it('takes names and groups from the claims that are configured', async () => {
    const nested = await open({ subject: 'email', groups: '/realm_access/roles' });
    const claims = { email: 'ann@example.org', email_verified: true, realm_access: { roles: ['lung'] } };
    expect(await nested.who(await made(claims))).to.equal('ann@example.org lung');
    expect(await nested.who(await made({ ...claims, email_verified: false }))).to.equal('unauthorized');
    expect(await nested.who(await made({ ...claims, realm_access: null, groups: ['x'] }))).to.equal('ann@example.org');
    const narrow = await open({ algorithms: ['PS256'] });
    expect(await narrow.who(await made({}))).to.equal('unauthorized');
  });

  it('finds a new key when a token names it, and forgets those that are withdrawn', async () => {
    const first = await made({ jti: '1' });
    expect(await asked.who(first)).to.equal('ann lung');
    const former = oidc.key;
    oidc.rotate();
    expect(await asked.who(await made({}))).to.equal('ann lung');
    expect(await asked.who(await made({ jti: '2' }, {}, former))).to.equal('ann lung');
    oidc.rotate(false);
    asked.passed = 590;
    expect(await asked.who(await made({ exp: seconds() + 3_600, jti: '3' }, {}, former))).to.equal('ann lung');
    asked.passed = 601;
    expect(await asked.who(await made({ exp: seconds() + 3_600, jti: '4' }, {}, former))).to.equal('unauthorized');
  });

  it('asks for unknown keys now and then only, whoever makes up their names', async () => {
    const own = newSigningKey('ES256');
    const invented = Array.from({ length: 40 }, (_, i) => made({}, { kid: `k${i}` }, own));
    for (const token of await Promise.all(invented)) expect(await asked.who(token)).to.equal('unauthorized');
    expect(oidc.asked.filter(({ path }) => path === '/jwks').length).to.equal(7);
    oidc.rotate();
    asked.passed = 61;
    expect(await asked.who(await made({}))).to.equal('ann lung');
  });

  it('lets nobody in while the provider does not answer, and asks it once for all who wait', async () => {
    const token = await made({});
    for (const condition of ['unavailable', 'gone'] as const) {
      oidc.condition = condition;
      expect(await asked.who(token)).to.equal('unavailable');
    }
    oidc.condition = 'up';
    oidc.asked.length = 0;
    expect(await Promise.all(Array.from({ length: 20 }, () => asked.who(token)))).to.deep.equal(
      Array.from({ length: 20 }, () => 'ann lung'),
    );
    expect(oidc.asked.map(({ path }) => path)).to.deep.equal(['/.well-known/openid-configuration', '/jwks']);
    // What it has said holds for a while.
    oidc.condition = 'gone';
    expect(await asked.who(await made({ sub: 'bob', groups: [] }))).to.equal('bob');
  });

  it('does not take another provider for its own', async () => {
    const other = await asking({ issuer: `${oidc.issuer}/`, audience });
    expect(await other.who(await made({}))).to.equal('unavailable');
  });
});

import { expect } from 'chai';
import type { LazuliError } from '../../../core/config/errors.ts';
import { oidc } from '../../../plugins/authentication/oidc/plugin.ts';
import { signInOf, signInOptions } from '../../../plugins/authentication/oidc/sign-in.ts';
import { startOidc } from '../../rigs/oidc/provider.ts';

const { signal } = new AbortController();
const issuer = 'https://login.example';
const endpoints = { authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` };
const withPkce = { ...endpoints, code_challenge_methods_supported: ['S256'] };
const page = { clientId: 'page' };
const options = (given: unknown) => signInOptions.parse(given);

describe('Signing in with an OpenID provider', () => {
  it('is by code with PKCE where the provider knows it, and else by the legacy implicit flow', () => {
    const byCode = { clientId: 'page', authorizationUrl: `${issuer}/auth`, tokenUrl: `${issuer}/token` };
    const implicit = { ...byCode, tokenUrl: null };
    const pageOf = (metadata: object, flow?: string) =>
      signInOf(issuer, metadata, options({ page: { ...page, flow } })).page;
    expect(pageOf(withPkce)).to.deep.equal(byCode);
    expect(pageOf(endpoints)).to.deep.equal(implicit);
    expect(pageOf({ ...endpoints, code_challenge_methods_supported: ['plain'] })).to.deep.equal(implicit);
    expect(pageOf(endpoints, 'code')).to.deep.equal(byCode);
    expect(pageOf(withPkce, 'implicit')).to.deep.equal(implicit);
  });

  it('is refused where the provider can not do what is wanted', () => {
    const refused = (metadata: object) => () => signInOf(issuer, metadata, options({ page }));
    expect(refused({})).to.throw(/has no authorization_endpoint/);
    const { token_endpoint: _, ...rest } = withPkce;
    expect(refused(rest)).to.throw(/has no token_endpoint/);
    expect(signInOptions.safeParse({ scopes: ['openid email'] }).success).to.equal(false);
    expect(signInOptions.safeParse({ page: { ...page, clientSecret: 'x' } }).success).to.equal(false);
  });

  it('says nothing of what is not configured', () => {
    const none = { issuer, scopes: ['openid', 'email'], parameters: {}, page: null, commandLine: null };
    expect(signInOf(issuer, {}, options({}))).to.deep.equal(none);
  });

  it('is by the implicit flow with Google', async () => {
    const clientId = '123456789012-abc.apps.googleusercontent.com';
    const { signIn } = await oidc.open({ google: { clientId }, signIn: { page: { clientId } } });
    expect((await signIn?.(signal))?.page).to.deep.equal({
      clientId,
      authorizationUrl: 'https://accounts.google.com/o/oauth2/auth',
      tokenUrl: null,
    });
  });

  it('is found in the metadata of a real provider, once it is there, and is the same object then', async () => {
    await using provider = await startOidc({ people: {} });
    const { issuer } = provider;
    const own = { page, commandLine: { clientId: 'tool' }, scopes: ['openid'] };
    const { signIn } = await oidc.open({ issuer, audience: 'here', signIn: own });
    provider.condition = 'unavailable';
    expect(await signIn?.(signal).catch((error: LazuliError) => error.code)).to.equal('unavailable');
    provider.condition = 'up';
    const found = await signIn?.(signal);
    expect(found).to.deep.equal({
      issuer,
      scopes: ['openid'],
      parameters: {},
      page: { clientId: 'page', authorizationUrl: `${issuer}/auth`, tokenUrl: `${issuer}/token` },
      commandLine: 'tool',
    });
    expect(await signIn?.(signal)).to.equal(found);
  });

  it('is not there where it is not configured', async () => {
    expect(await oidc.open({ issuer, audience: 'here' })).to.not.have.property('signIn');
  });
});

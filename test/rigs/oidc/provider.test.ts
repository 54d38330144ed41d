import { createPublicKey, verify } from 'node:crypto';
import { expect } from 'chai';
import { clients } from './clients.ts';
import { audience } from './configuration.ts';
import { type Oidc, startOidc } from './provider.ts';
import type { Tokens } from './visitor.ts';

const people = { ann: { groups: ['lung', 'kidney'] }, bob: { groups: [] } };

/** What a JWT says, its signature unseen. */
const claimsIn = (token: string): Record<string, unknown> => part(token, 1);
const part = (token: string, at: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString());

const post = async <T>(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<T> => {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers });
  return (await answer.json()) as T;
};

function introspected({ issuer }: Oidc, token: string): Promise<Record<string, unknown>> {
  const { id, secret } = clients.service;
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  return post(`${issuer}/token/introspection`, { token }, { authorization });
}

async function published({ issuer }: Oidc): Promise<readonly { kid: string; kty: string }[]> {
  const answer = (await fetch(`${issuer}/jwks`).then((got) => got.json())) as { keys: { kid: string; kty: string }[] };
  return answer.keys;
}

describe('the OpenID provider of tests', () => {
  it('signs people in with code and PKCE, and gives JWTs that its published key verifies', async () => {
    await using oidc = await startOidc({ people });
    const { access_token: token } = await oidc.signIn('ann');
    const { sub, aud, iss, groups, client_id, scope } = claimsIn(token);
    expect({ sub, aud, iss, groups, client_id, scope }).to.deep.equal({
      sub: 'ann',
      aud: audience,
      iss: oidc.issuer,
      groups: ['lung', 'kidney'],
      client_id: clients.page,
      scope: 'read',
    });
    const key = (await published(oidc)).find(({ kid }) => kid === part(token, 0).kid);
    const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')));
    const signature = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
    const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' });
    expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).to.equal(true);
    expect(oidc.asked.map(({ path }) => path)).to.include.members(['/auth', '/token']);
  });

  it('gives opaque tokens, which it introspects and takes back', async () => {
    await using oidc = await startOidc({ people, format: 'opaque' });
    for (const token of [(await oidc.signIn('ann')).access_token, await oidc.token('ann')]) {
      const { active, sub, groups, aud } = await introspected(oidc, token);
      expect({ active, sub, groups, aud }).to.deep.equal({
        active: true,
        sub: 'ann',
        groups: ['lung', 'kidney'],
        aud: audience,
      });
      await oidc.revoke(token);
      expect(await introspected(oidc, token)).to.deep.equal({ active: false });
    }
  });

  it('lets devices act for people, and gives them another token when one expires', async () => {
    await using oidc = await startOidc({ people });
    const client_id = clients.commandLine;
    const asked = { client_id, scope: 'openid offline_access read' };
    const device = await post<Record<'device_code' | 'verification_uri_complete', string>>(
      `${oidc.issuer}/device/auth`,
      asked,
    );
    const poll = {
      client_id,
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code,
    };
    const pending = await post<{ error: string }>(`${oidc.issuer}/token`, poll);
    expect(pending.error).to.equal('authorization_pending');
    await oidc.approve(device.verification_uri_complete, 'bob');
    const tokens = await post<Tokens>(`${oidc.issuer}/token`, poll);
    expect(claimsIn(tokens.access_token).sub).to.equal('bob');
    const refresh = { client_id, grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
    const next = await post<Tokens>(`${oidc.issuer}/token`, refresh);
    expect(claimsIn(next.access_token).sub).to.equal('bob');
  });

  it('makes tokens of any kind, changes its keys, and is down when it is told so', async () => {
    await using oidc = await startOidc({ people, algorithm: 'RS256' });
    const first = oidc.key.kid;
    const issued = Math.floor(Date.now() / 1000) - 100;
    const expired = await oidc.token('ann', { issued, seconds: 50, audience: 'https://other.example' });
    const { exp, aud } = claimsIn(expired);
    expect({ exp, aud, kid: part(expired, 0).kid }).to.deep.equal({
      exp: issued + 50,
      aud: 'https://other.example',
      kid: first,
    });
    oidc.rotate();
    expect(part(await oidc.token('ann'), 0).kid)
      .to.equal(oidc.key.kid)
      .and.not.equal(first);
    expect((await published(oidc)).map(({ kid }) => kid)).to.deep.equal([oidc.key.kid, first]);
    oidc.rotate(false);
    expect((await published(oidc)).map(({ kid }) => kid)).to.deep.equal([oidc.key.kid]);
    oidc.condition = 'unavailable';
    expect((await fetch(`${oidc.issuer}/jwks`)).status).to.equal(503);
    oidc.condition = 'gone';
    expect(await fetch(`${oidc.issuer}/jwks`).catch((error: Error) => error.name)).to.equal('TypeError');
  });
});

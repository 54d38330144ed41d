import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { authenticationFindings } from '../../../plugins/battery/authentication.ts';
import { clients } from '../../rigs/oidc/clients.ts';
import { audience } from '../../rigs/oidc/configuration.ts';
import { type Oidc, startOidc } from '../../rigs/oidc/provider.ts';
import { expectNone } from '../battery/findings.ts';
import { type Asked, asking } from './asked.ts';

const people = { ann: { groups: ['lung'] }, bob: { groups: [] } };

describe('the authentication plug-in oidc, asked with opaque tokens,', () => {
  let [folder, secretFile] = ['', ''];
  let oidc: Oidc;
  let asked: Asked;
  const open = (more: object = {}) =>
    asking({
      ...{ issuer: oidc.issuer, audience },
      introspection: { clientId: clients.service.id, secretFile, ...more },
    });
  const questions = () => oidc.asked.filter(({ path }) => path === '/token/introspection').length;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-oidc-'));
    secretFile = join(folder, 'secret');
    writeFileSync(secretFile, `${clients.service.secret}\n`);
    oidc = await startOidc({ people, format: 'opaque' });
    asked = await open();
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await oidc[Symbol.asyncDispose]();
  });

  it('keeps the contract of authentication plug-ins', async () => {
    const valid = { ann: `Bearer ${await oidc.token('ann')}`, bob: `Bearer ${await oidc.token('bob')}` };
    const issued = Math.floor(Date.now() / 1000) - 4_000;
    const expired = [`Bearer ${await oidc.token('ann', { issued })}`];
    await expectNone(
      authenticationFindings(asked.authentication, { valid, expired, foreign: [`Bearer ${'x'.repeat(43)}`] }),
    );
  });

  it('knows those who have signed in, a minute longer at most than their tokens are valid', async () => {
    const { access_token: token } = await oidc.signIn('ann');
    expect(await Promise.all(Array.from({ length: 20 }, () => asked.who(token)))).to.deep.equal(
      Array.from({ length: 20 }, () => 'ann lung'),
    );
    expect(questions()).to.equal(1);
    await oidc.revoke(token);
    asked.passed = 59;
    expect(await asked.who(token)).to.equal('ann lung');
    asked.passed = 61;
    expect(await asked.who(token)).to.equal('unauthorized');
    expect(questions()).to.equal(2);
  });

  it('asks about a token that is none again only after a while', async () => {
    const token = 'y'.repeat(43);
    for (let i = 0; i < 3; i++) expect(await asked.who(token)).to.equal('unauthorized');
    expect(questions()).to.equal(1);
    asked.passed = 11;
    expect(await asked.who(token)).to.equal('unauthorized');
    expect(questions()).to.equal(2);
  });

  it('refuses tokens that were given for something else', async () => {
    expect(await asked.who(await oidc.token('ann', { audience: 'https://other.example' }))).to.equal('unauthorized');
    expect(await asked.who(await oidc.token('ann'))).to.equal('ann lung');
  });

  it('checks JWTs itself, unless it is to introspect all', async () => {
    const token = await oidc.token('ann', { format: 'jwt' });
    expect(await asked.who(token)).to.equal('ann lung');
    expect(questions()).to.equal(0);
    // This provider says of no JWT that it is active.
    expect(await (await open({ all: true })).who(token)).to.equal('unauthorized');
    expect(questions()).to.equal(1);
  });

  it('lets nobody in while the provider does not answer, or does not know who asks', async () => {
    const token = await oidc.token('ann');
    for (const condition of ['unavailable', 'gone'] as const) {
      oidc.condition = condition;
      expect(await asked.who(token)).to.equal('unavailable');
    }
    oidc.condition = 'up';
    writeFileSync(secretFile, 'another secret');
    expect(await asked.who(token)).to.equal('unavailable');
    writeFileSync(secretFile, clients.service.secret);
    expect(await asked.who(token)).to.equal('ann lung');
    const late = await oidc.token('bob');
    oidc.condition = 'silent';
    expect(await asked.who(late)).to.equal('unavailable');
  });

  it('needs a secret that nobody but its owner may change', async () => {
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => 'no error',
        ({ code, message }) => `${code} ${message}`,
      );
    chmodSync(secretFile, 0o666);
    expect(await codeOf(open())).to.match(/^configuration_invalid .*everybody may write it/);
    chmodSync(secretFile, 0o600);
    writeFileSync(secretFile, ' \n');
    expect(await codeOf(open())).to.match(/^configuration_invalid .*it is empty/);
  });
});

import { expect } from 'chai';
import type { SignIn } from '../../core/config/sign-in.ts';
import { askSignIn } from '../../query/http/caller.ts';
import { resourcePath, signInOperations } from '../../query/routes/sign-in.ts';
import { serve } from '../core/http/served.ts';

const signIn: SignIn = {
  issuer: 'https://login.example',
  scopes: ['openid', 'email'],
  parameters: { audience: 'https://service.example' },
  page: null,
  commandLine: 'command-line',
};

const served = (ask: () => Promise<SignIn>) => serve({ operations: signInOperations({ signIn: askSignIn(ask) }) });

describe('How people sign in', () => {
  it('is told to programs', async () => {
    await using server = await served(async () => signIn);
    expect(await (await fetch(server.url + resourcePath)).json()).to.deep.equal({
      resource: server.url,
      authorization_servers: ['https://login.example'],
      scopes_supported: ['openid', 'email'],
      bearer_methods_supported: ['header'],
      lazuli_command_line: {
        client_id: 'command-line',
        scopes: ['openid', 'email'],
        parameters: { audience: 'https://service.example' },
      },
    });
  });

  it('is told without the command line where that can not sign in', async () => {
    await using server = await served(async () => ({ ...signIn, commandLine: null }));
    expect(await (await fetch(server.url + resourcePath)).json()).to.not.have.property('lazuli_command_line');
  });

  it('is not known at the moment where the provider is away, whatever goes wrong with it', async () => {
    await using server = await served(() => Promise.reject(new TypeError('secret detail')));
    const answer = await fetch(server.url + resourcePath);
    const text = await answer.text();
    expect([answer.status, text.includes('secret detail')]).to.deep.equal([503, false]);
    expect(text).to.include('The service can not tell how people sign in.');
  });

  it('is not told where there is no provider', () => {
    expect(signInOperations({})).to.deep.equal([]);
  });
});

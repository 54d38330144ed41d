import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import { tokens } from '../../plugins/authentication/tokens/plugin.ts';
import { digestOf } from '../../plugins/authentication/tokens/token-file.ts';
import { authenticationPlugin, cloneOnly } from '../../plugins/registry.ts';
import { printed } from '../rigs/cli/printed.ts';
import { ownPlugins } from '../rigs/own-plugins.ts';

const patient = new AbortController().signal;
const sha256 = (token: string) => digestOf(token).toString('hex');
const entry = (subject: string, more: object = {}) => ({ subject, sha256: sha256(`${subject}-token`), ...more });

describe('the authentication plug-in tokens', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-tokens-'));
    file = join(folder, 'tokens.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (content: unknown) =>
    writeFileSync(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  const open = () => tokens.open({ file });
  const identify = async (authorization?: string) => (await open()).identify(authorization, patient);
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: { code: string }) => error.code,
    );

  it('tells who calls by the token, and takes callers without one for anonymous', async () => {
    write({ tokens: [entry('ann'), entry('bob')] });
    expect(await identify('Bearer ann-token')).to.deep.equal({ subject: 'ann' });
    expect(await identify('bearer   bob-token')).to.deep.equal({ subject: 'bob' });
    expect(await identify()).to.deep.equal({ subject: null });
  });

  it('refuses what is malformed or unknown, and does not repeat it', async () => {
    write({ tokens: [entry('ann')] });
    const wrong = [
      ...['', 'Bearer', 'Bearer ', 'ann-token', 'Basic ann-token', 'Bearer ann-token x', 'Bearer x'],
      ...['Bearer ann-tokeN', 'Bearer ann-token2', 'Bearer Ann-token', `Bearer ${sha256('ann-token')}`],
      `Bearer ${'x'.repeat(9000)}`,
    ];
    for (const authorization of wrong) {
      const error = await identify(authorization).then(
        () => undefined,
        (refused: Error & { code: string; remedy: string }) => refused,
      );
      expect(error?.code, authorization.slice(0, 40)).to.equal('unauthorized');
      const token = authorization.split(' ')[1] ?? '';
      if (token.length > 1) expect(`${error?.message} ${error?.remedy}`).not.to.include(token);
    }
  });

  it('knows a token no longer than until it expires', async () => {
    const expires = (millis: number) => ({ expires: new Date(Date.now() + millis).toISOString() });
    write({ tokens: [entry('ann', expires(60_000)), entry('bob', expires(-1))] });
    expect(await identify('Bearer ann-token')).to.deep.equal({ subject: 'ann' });
    expect(await codeOf(identify('Bearer bob-token'))).to.equal('unauthorized');
  });

  it('sees changes of the file, and lets nobody with a token in while it is not as it should be', async () => {
    write({ tokens: [entry('ann')] });
    const { identify } = await open();
    write({ tokens: [entry('bob')] });
    expect(await codeOf(identify('Bearer ann-token', patient))).to.equal('unauthorized');
    expect(await identify('Bearer bob-token', patient)).to.deep.equal({ subject: 'bob' });
    write('{"tokens": [');
    expect(await codeOf(identify('Bearer bob-token', patient))).to.equal('unavailable');
    expect(await identify(undefined, patient)).to.deep.equal({ subject: null });
    rmSync(file);
    expect(await codeOf(identify('Bearer bob-token', patient))).to.equal('unavailable');
    write({ tokens: [entry('bob')] });
    expect(await identify('Bearer bob-token', patient)).to.deep.equal({ subject: 'bob' });
  });

  const latin1Tokens = JSON.stringify({ tokens: [entry('renée')] });
  const bad: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    'no JSON': ['secret', /tokens\.json is no JSON/],
    'what is no UTF-8': [Buffer.from(latin1Tokens, 'latin1'), /tokens\.json: .*not valid for encoding utf-8/],
    'UTF-16': [Buffer.from('\ufeff{"tokens": []}', 'utf16le'), /tokens\.json: it is UTF-16, not text in UTF-8/],
    'no tokens': [{}, /tokens\.json: tokens: /],
    'a token without a subject': [{ tokens: [entry('ann'), { sha256: sha256('x') }] }, /tokens\.1\.subject: /],
    'a token that is not hashed': [{ tokens: [{ subject: 'ann', sha256: 'secret' }] }, /tokens\.0\.sha256: /],
    'an unknown member': [{ tokens: [entry('ann', { token: 'secret' })] }, /tokens\.0: /],
    'the same token twice': [{ tokens: [entry('ann'), entry('bob'), entry('ann')] }, /tokens\.2: .*tokens\.0/],
    'a moment that is none': [{ tokens: [entry('ann', { expires: 'soon' })] }, /tokens\.0\.expires: /],
    'too many': [{ tokens: Array.from({ length: 1001 }, (_, i) => entry(`${i}`)) }, /tokens: /],
  };
  for (const [what, [content, message]] of Object.entries(bad)) {
    it(`refuses to open a file with ${what}, says where, and quotes no token`, async () => {
      write(content);
      const error = await open().then(
        () => undefined,
        (refused: Error & { code: string }) => refused,
      );
      expect(error).to.include({ code: 'configuration_invalid' });
      expect(error?.message).to.match(message).and.not.to.include('secret');
    });
  }

  it('refuses to open without a file, with a relative one, or with one that is too large', async () => {
    expect(await codeOf(open())).to.equal('configuration_invalid');
    expect(await codeOf(tokens.open({ file: 'tokens.json' }))).to.equal('configuration_invalid');
    expect(await codeOf(tokens.open({}))).to.equal('configuration_invalid');
    write(' '.repeat(1024 * 1024 + 1));
    expect(await codeOf(open())).to.equal('configuration_invalid');
  });

  it('knows tokens that the command line makes', async () => {
    const { lines, output } = printed();
    expect(await main(['token', 'ann@example.org'], output)).to.equal(0);
    const { token, entry: made } = JSON.parse(lines.out.join('\n'));
    expect(Buffer.from(token, 'base64url')).to.have.length(32);
    write({ tokens: [made] });
    expect(await identify(`Bearer ${token}`)).to.deep.equal({ subject: 'ann@example.org' });
  });
});

describe('authentication plug-ins', () => {
  it('are found by their folders', async () => {
    const names = ownPlugins('authentication');
    for (const name of names) expect((await authenticationPlugin(name, cloneOnly)).name).to.equal(name);
    const error = await authenticationPlugin('nosuch', cloneOnly).catch((refused: Error) => refused);
    expect(error).to.include({ code: 'configuration_invalid', remedy: `Choose one of: ${names.join(', ')}.` });
  });

  it('anonymous: knows no token', async () => {
    const plugin = await authenticationPlugin('anonymous', cloneOnly);
    const { identify } = await plugin.open({});
    expect(await identify(undefined, patient)).to.deep.equal({ subject: null });
    for (const authorization of ['', 'Bearer x', 'x']) {
      expect(await identify(authorization, patient).catch((refused: Error) => refused)).to.include({
        code: 'unauthorized',
      });
    }
    expect(await plugin.open({ file: '/x' }).catch((refused: Error) => refused)).to.include({
      code: 'configuration_invalid',
    });
  });
});

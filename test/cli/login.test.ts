import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { login } from '../../cli/commands/login.ts';
import { main } from '../../cli/program.ts';
import { KeptSignIn, signInsFolder } from '../../cli/sign-in/kept.ts';
import { signedInToken } from '../../cli/sign-in/signed-in.ts';
import type { LazuliError } from '../../core/config/errors.ts';
import type { SignIn } from '../../core/config/sign-in.ts';
import { operation } from '../../core/http/operation.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { signInOperations } from '../../query/routes/sign-in.ts';
import { serve } from '../core/http/served.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';
import { clients } from '../rigs/oidc/clients.ts';
import { audience } from '../rigs/oidc/configuration.ts';
import { type Oidc, startOidc } from '../rigs/oidc/provider.ts';

const people = { ann: { groups: [] } };
const { signal } = new AbortController();
const seconds = 600;

type Served = Awaited<ReturnType<typeof serve>>;

describe('lazuli login', () => {
  const folder = temporaryFolder();
  const { XDG_CONFIG_HOME: configured } = process.env;
  let oidc: Oidc;
  let server: Served;
  /** Authorization headers that the service was sent */
  const sent: (string | undefined)[] = [];
  let now = Date.now();
  let atRest: () => Promise<void> = async () => undefined;
  const clock: Clock = {
    now: () => now,
    async sleep(millis) {
      // Less is waited for other commands, which take real time.
      if (millis < 1_000) return systemClock.sleep(millis);
      now += millis;
      await atRest();
    },
  };

  before(async () => {
    process.env.XDG_CONFIG_HOME = folder.path;
    oidc = await startOidc({ people, seconds });
    const signIn: SignIn = {
      issuer: oidc.issuer,
      scopes: ['openid', 'read'],
      parameters: { resource: audience },
      page: null,
      commandLine: clients.commandLine,
    };
    const catalogs = operation({
      ...{ method: 'get', path: '/index/catalogs', id: 'listCatalogs', tag: 'Index', summary: 'Catalogs' },
      answer: { description: 'Catalogs.', schema: z.object({ default_catalog: z.string() }) },
      handle: (ctx) => {
        sent.push(ctx.headers.authorization);
        return { default_catalog: 'toys' };
      },
    });
    server = await serve({ operations: [...signInOperations({ signIn: async () => signIn }), catalogs] });
  });
  after(async () => {
    if (configured === undefined) delete process.env.XDG_CONFIG_HOME;
    else process.env.XDG_CONFIG_HOME = configured;
    await server[Symbol.asyncDispose]();
    await oidc[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Signs in, while somebody does what is asked for, or does not. */
  async function signedIn(approve: (url: string) => Promise<void>) {
    const { lines, output } = printed();
    let isDone = false;
    atRest = async () => {
      const url = lines.err[1]?.trim();
      if (isDone || url === undefined) return;
      isDone = true;
      await approve(url);
    };
    const error = await login({ url: server.url, json: true }, { clock, signal, output }).then(
      () => null,
      (thrown: LazuliError) => `${thrown.code}: ${thrown.message}`,
    );
    return { lines, error };
  }
  const asAnn = () => signedIn((url) => oidc.approve(url, 'ann'));
  const run = async (...args: readonly string[]) => {
    const { lines, output } = printed();
    const code = await main([...args, '--url', server.url], output);
    return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
  };
  const tokenNow = async () => (await signedInToken(server.url, { clock, signal }))?.text;
  const refusal = (work: Promise<unknown>) => work.then(String, ({ code }: LazuliError) => code);

  it('signs in by a code in a browser, keeps the token for its owner alone, and shows it to nobody', async () => {
    const { lines, error } = await asAnn();
    expect(error).to.equal(null);
    expect(lines.err.join('\n')).to.match(
      new RegExp(`open\n  ${oidc.issuer}/device\\?user_code=[\\w-]+\n.*code [\\w-]+\\.`),
    );
    const { expires, ...result } = JSON.parse(lines.out.join('\n'));
    expect(result).to.deep.equal({ service: server.url, issuer: oidc.issuer, renewed: true });
    expect(Date.parse(expires) - now).to.be.within((seconds - 5) * 1000, seconds * 1000);

    const own = new KeptSignIn(server.url);
    const files = readdirSync(own.folder).map((file) => [file, statSync(join(own.folder, file)).mode & 0o777]);
    expect(files).to.deep.equal([
      ['sign-in.json', 0o600],
      ['token', 0o600],
    ]);
    expect(statSync(own.folder).mode & 0o777).to.equal(0o700);
    const token = readFileSync(own.tokenFile, 'utf8').trim();
    expect(await tokenNow()).to.equal(token);
    expect(JSON.stringify(lines)).to.not.include(token);
    expect(own.folder.startsWith(join(folder.path, 'lazuli'))).to.equal(true);
  });

  it('is what commands ask the service with, and with it alone', async () => {
    sent.length = 0;
    const { err } = await run('manifest', '-o', folder.path);
    expect(err).to.include('nothing at');
    const own = new KeptSignIn(server.url);
    expect(sent).to.deep.equal([`Bearer ${readFileSync(own.tokenFile, 'utf8').trim()}`]);
    expect(await signedInToken(`${server.url}/other`, { clock, signal })).to.equal(null);
  });

  it('gets another token before one ends, once for all commands that want it', async () => {
    const former = await tokenNow();
    now += (seconds - 30) * 1000;
    oidc.asked.length = 0;
    const [one, two] = await Promise.all([tokenNow(), tokenNow()]);
    expect(one).to.equal(two).and.not.equal(former);
    expect(oidc.asked.filter(({ path }) => path === '/token')).to.have.length(1);
    expect(readdirSync(signInsFolder())).to.have.length(1);
  });

  it('says so where the provider is away, or gives no token any more', async () => {
    now += seconds * 1000;
    oidc.condition = 'unavailable';
    expect(await refusal(tokenNow())).to.equal('unavailable');
    expect((await signedIn(async () => undefined)).error).to.match(
      /^unavailable: The provider .* gives no proper answer/,
    );
    oidc.condition = 'up';
    const own = new KeptSignIn(server.url);
    const found = own.read();
    if (found === null) throw new Error('Ann is signed in');
    own.write({ ...found.kept, refresh: 'of somebody else' }, found.token);
    expect(await refusal(tokenNow())).to.equal('unauthorized');
    own.write({ ...found.kept, refresh: null }, found.token);
    expect(await refusal(tokenNow())).to.equal('unauthorized');
  });

  it('says so where somebody says no, or nobody says anything', async () => {
    expect((await signedIn((url) => oidc.approve(url, 'ann', true))).error).to.match(/^forbidden: At .* said no/);
    expect((await signedIn(async () => undefined)).error).to.match(/^forbidden: Nobody has signed in/);
  });

  it('ends with lazuli logout, which has the provider take the token back', async () => {
    await asAnn();
    oidc.asked.length = 0;
    expect(await run('logout', '--json')).to.deep.include({ code: 0, err: '' });
    expect(oidc.asked.map(({ path }) => path)).to.include('/token/revocation');
    expect(await tokenNow()).to.equal(undefined);
    expect((await run('logout')).out).to.equal(`nobody was signed in to ${server.url}`);
    sent.length = 0;
    await run('manifest', '-o', folder.path);
    expect(sent).to.deep.equal([undefined]);
  });

  it('is refused by a service where nobody can, and by what is none', async () => {
    await using other = await serve({ operations: [] });
    const { output, lines } = printed();
    expect(await main(['login', '--url', other.url], output)).to.equal(1);
    expect(lines.err.join('\n')).to.match(/Nobody can sign in to .*\nremedy: Ask whoever runs it for a token/);
    expect(await main(['login', '--url', 'http://127.0.0.1:9'], output)).to.equal(1);
    expect(lines.err.join('\n')).to.match(/does not answer at http:\/\/127\.0\.0\.1:9\./);
  });
});

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { main } from '../../cli/program.ts';
import type { Identity } from '../../core/model/authentication.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';
import { type Exporting, startExporting } from '../rigs/exports/exporting.ts';
import { until } from '../rigs/until.ts';
import { fakeWorker } from './fake-worker.ts';

const token = 'Very.secret_token==';
const sees = ({ subject }: Identity) => (subject === `Bearer ${token}` ? ['a', 'b'] : ['a']);

describe('lazuli manifest', () => {
  const folder = temporaryFolder();
  const file = (name: string): string => join(folder.path, name);
  let scene: Exporting;
  before(async () => {
    scene = await startExporting({ sees });
    writeFileSync(file('token'), `${token}\n`);
  });
  after(async () => {
    await scene[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const run = async (...args: readonly string[]) => {
    const { lines, output } = printed();
    const code = await main(['manifest', '--url', scene.service.url, ...args], output);
    return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
  };
  /** The same while a worker does what is asked. */
  const made = async (content: string, ...args: readonly string[]) => {
    const running = run(...args);
    for (;;) {
      const attempt = await scene.claim().catch(() => null);
      if (attempt !== null) {
        await scene.finish(attempt, content, { rows: 7, name: 'Ünique sheets.tsv' });
        return { ...(await running), request: attempt.job.request };
      }
    }
  };

  it('has a manifest made, and saves it whole under its own name or the one that is given', async () => {
    const filters = '{"title":{"is":["a"]}}';
    const { request, ...ended } = await made('a\tb\r\n', '--filters', filters, '-o', folder.path, '--json');
    expect([request.filters, request.format, request.catalog]).to.deep.equal([filters, 'compact', 'plants']);
    const saved = file('Ünique sheets.tsv');
    expect([ended.code, ended.err]).to.deep.equal([0, '']);
    const { url, ...result } = JSON.parse(ended.out);
    expect(result).to.deep.equal({ file: saved, bytes: 5, rows: 7, format: 'compact', catalog: 'plants' });
    expect(await (await fetch(url)).text()).to.equal('a\tb\r\n');
    expect(readFileSync(saved, 'utf8')).to.equal('a\tb\r\n');

    // It is there, so nothing is made again.
    const again = ['--filters', filters, '-o'];
    const refused = await run(...again, saved);
    expect(refused).to.deep.include({ code: 2, out: '' });
    expect(refused.err).to.match(/Ünique sheets\.tsv exists\.\nremedy: .*--force/);
    expect((await run(...again, folder.path)).code).to.equal(2);
    expect(await run(...again, saved, '--force')).to.deep.equal({
      code: 0,
      out: `wrote ${saved}: 7 rows, 0.0 MB`,
      err: '',
    });
    expect(await run(...again, '-')).to.deep.equal({ code: 0, out: 'a\tb\r\n', err: '' });
    expect(readdirSync(folder.path).sort()).to.deep.equal(['token', 'Ünique sheets.tsv']);
  });

  it('asks with the token of the caller, and tells it to nobody', async () => {
    const list = file('list.curlrc');
    const { request, out, err } = await made('list', '--format', 'curl', '--token-file', file('token'), '-o', list);
    expect(request.sources).to.deep.equal(['a', 'b']);
    expect(out + err).to.not.include(token);
    const [, , command = ''] = out.split('\n');
    const script = `curl() { printf '%s\\n' "$@"; cat; }; ${command}`;
    const words = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
    expect(words).to.deep.equal([
      ...['--header', '@-', '--fail-early', '--continue-at', '-', '--retry', '15', '--retry-delay', '10'],
      ...['--config', list, `Authorization: Bearer ${token}`],
    ]);
  });

  it('says what is wrong, and what to do about it', async () => {
    const out = file('none.tsv');
    const refused = async (code: number, error: RegExp, ...args: readonly string[]) => {
      const ended = await run('-o', out, ...args);
      expect([ended.code, ended.out], ended.err).to.deep.equal([code, '']);
      expect(ended.err).to.match(error);
      expect(existsSync(out)).to.equal(false);
    };
    await refused(2, /Unknown manifest format `fluffy`. Must be one of compact, curl, parquet./, '--format', 'fluffy');
    await refused(2, /Unknown field `nosuch`/, '--filters', '{"nosuch":{"is":["x"]}}');
    await refused(1, /nosuch.*\nremedy: .*\/index\/catalogs lists the catalogs/, '--catalog', 'nosuch');
    await refused(1, /remedy: Give a token with --token-file/, '--filters', '{"sourceId":{"is":["b"]}}');
    await refused(2, /There is no configuration|does not answer|ENOENT/, '--token-file', file('absent'));
    await refused(2, /It must have no credentials/, '--url', 'http://a:b@127.0.0.1');
    await refused(1, /does not answer at http:\/\/127.0.0.1:9\.\n.*\n?remedy: .*--url/, '--url', 'http://127.0.0.1:9');
    await refused(2, /\/dev\/null is no file/, '-o', '/dev/null', '--force');
    await refused(2, /There is no folder/, '-o', file('absent/x.tsv'));
    await refused(2, /leave out --json/, '-o', '-', '--json');
  });

  it('says why the service could not make it', async () => {
    const running = run('--filters', '{"title":{"is":["z"]}}', '-o', file('z.tsv'));
    for (;;) {
      const attempt = await scene.claim().catch(() => null);
      if (attempt === null) continue;
      await attempt.fail(
        { code: 'export_too_large', message: 'it is too large.', remedy: 'Ask for less.' },
        Date.now(),
      );
      break;
    }
    const ended = await running;
    expect([ended.code, ended.out]).to.deep.equal([1, '']);
    expect(ended.err).to.equal('error: Failed to generate manifest: it is too large. Ask for less.');
  });

  it('ends at Ctrl-C with nothing half-written, and takes no part for the whole', async () => {
    const ended = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    using service = await fakeWorker((request, response) => {
      const Location = `http://${request.headers.host}/file`;
      if (request.method === 'PUT') return response.end(JSON.stringify({ Status: 302, Location }));
      response.writeHead(200, { 'content-length': '10' }).write('half ');
      begun.resolve();
      ended.promise.then(() => response.destroy());
    });
    const inHalf = temporaryFolder();
    const args = ['manifest', '--url', service.url, '--catalog', 'x', '-o', join(inHalf.path, 'half.tsv')];
    const child = spawn(process.execPath, [join(clone, 'cli', 'main.ts'), ...args], { stdio: 'inherit' });
    await begun.promise;
    await until(() => readdirSync(inHalf.path).length > 0);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).to.deep.equal([130, null]);
    expect(readdirSync(inHalf.path)).to.deep.equal([]);

    const { lines, output } = printed();
    ended.resolve();
    expect(await main(args, output)).to.equal(1);
    expect(lines.err[0]).to.match(/^error: The download broke off after \d bytes\.$/);
    expect(readdirSync(inHalf.path)).to.deep.equal([]);
    inHalf[Symbol.dispose]();
  });
});

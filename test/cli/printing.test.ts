import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { showError } from '../../cli/output.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { deadLetter } from '../../core/storage/dead-letter.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';

/** Sets the title of a terminal, clears it, pretends to be another line, turns the order around, says `CSI` in one. */
const hostile = '\u001b]0;owned\u0007\u001b[2J\r\nremedy: pay\u202egnp\u009b31m\u2028';
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** More than twice what a pipe has room for. */
const rows = 5_000;
const manyRows = `select i, repeat('x', 20) as t from range(${rows}) r(i)`;

async function folderWithLetter() {
  const folder = temporaryFolder();
  const settings = settingsIn(folder.path);
  writeFileSync(join(folder.path, 'lazuli.json'), JSON.stringify(settings));
  const letters = new StoredDeadLetters(new FolderStore(settings.folders.deadLetters));
  const error = new LazuliError('bundle_invalid', `title ${hostile}`, { place: { bundle: hostile } });
  const about = { catalog: 'hca', stage: 'ingest', kind: 'notification', identity: 'a', payload: { hostile } } as const;
  const key = await letters.put(deadLetter(error, about));
  return { folder, key, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** Runs a command line in a shell, as a person does. */
const inShell = (command: string) =>
  spawnSync('bash', ['-c', command], { cwd: clone, encoding: 'utf8', maxBuffer: 2 ** 26 });

describe('What commands print', function () {
  this.timeout(60_000);

  it('never acts on a terminal: lists, tables, single letters, errors', async () => {
    using at = await folderWithLetter();
    const data = ['--data', at.folder.path];
    const sql = (text: string) => ['sql', ...data, '-c', text];
    const heading = hostile.replaceAll('"', '""');
    for (const args of [
      ['dead-letters', 'list', ...data],
      ['dead-letters', 'list', '--json', ...data],
      ['dead-letters', 'show', at.key, ...data],
      ['dead-letters', 'show', hostile, ...data],
      sql(`select '${hostile}' as "${heading}"`),
      [...sql(`select '${hostile}' as "${heading}"`), '--json'],
      sql(`select error('${hostile}')`),
      ['status', '--config', hostile],
      [hostile],
    ]) {
      const { out, err } = await lazuli(args);
      for (const line of `${out}${err}`.split('\n')) expect(line, args.join(' ')).to.not.match(hidden);
      expect(`${out}${err}`, args.join(' ')).to.include('owned');
      expect(`${out}${err}`.split('\n').filter((line) => line.startsWith('remedy: pay'))).to.deep.equal([]);
    }
  });

  it('is the very data as JSON, and as CSV in a pipe', async () => {
    using at = await folderWithLetter();
    const shown = await lazuli(['dead-letters', 'show', at.key, '--data', at.folder.path]);
    expect(JSON.parse(shown.out).payload).to.deep.equal({ hostile });
    const query = ['sql', '--data', at.folder.path, '-c', `select '${hostile}' as t`];
    expect(JSON.parse((await lazuli([...query, '--json'])).out)).to.deep.equal([{ t: hostile }]);
    expect((await lazuli([...query, '--csv'])).out).to.equal(`t\r\n"${hostile}"\n`);
  });

  it('is escaped on a terminal, CSV too', async function () {
    if (spawnSync('script', ['--version']).status !== 0) this.skip();
    using at = await folderWithLetter();
    const command = `node bin/lazuli.js sql --csv --data ${at.folder.path} -c "select '\u001b[2J' as t"`;
    const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: clone, encoding: 'utf8' });
    expect({ stdout, status }).to.deep.equal({ stdout: 't\r\n\\u001b[2J\r\n', status: 0 });
  });

  it('can not pass for another line of an error', () => {
    const lines: string[] = [];
    const cause = new Error('line one\nremedy: pay');
    showError(new LazuliError('usage', 'a\nwhere: nowhere', { remedy: 'x\ny', cause }), {
      err: (line) => lines.push(line),
    });
    expect(lines).to.deep.equal([
      'error: a',
      '  where: nowhere',
      'cause: line one',
      '  remedy: pay',
      'remedy: x',
      '  y',
    ]);
  });
});

describe('Output', function () {
  this.timeout(60_000);

  for (const [format, expected, check] of [
    ['--csv', rows, (out: string) => out.trimEnd().split('\r\n').length - 1],
    ['--json', rows, (out: string) => JSON.parse(out).length],
    ['', 500, (out: string) => out.slice(0, out.indexOf('(the first 500 rows')).trimEnd().split('\n').length - 1],
  ] as const)
    it(`is whole in a pipe that is read slowly ${format}`, async () => {
      using at = await folderWithLetter();
      const query = `node bin/lazuli.js sql ${format} --data ${at.folder.path} -c "${manyRows}"`;
      const { stdout, status } = inShell(`set -o pipefail; ${query} | (read -r first; echo "$first"; sleep 0.3; cat)`);
      expect({ status, rows: check(stdout) }).to.deep.equal({ status: 0, rows: expected });
    });

  it('ends quietly when nobody reads on', async () => {
    using at = await folderWithLetter();
    const query = `node bin/lazuli.js sql --csv --data ${at.folder.path} -c "${manyRows}"`;
    const { stdout, stderr, status } = inShell(`${query} | head -1; exit \${PIPESTATUS[0]}`);
    expect({ stdout, stderr, status }).to.deep.equal({ stdout: 'i,t\r\n', stderr: '', status: 0 });
  });

  it('is whole when nobody hears what goes wrong', async () => {
    using at = await folderWithLetter();
    const statements = "echo 'select nothing;'; echo 'select 2 as two;'";
    const { stdout, status } = inShell(
      `(${statements}) | node bin/lazuli.js sql --data ${at.folder.path} 2> >(exec true)`,
    );
    expect({ stdout, status }).to.deep.equal({ stdout: 'two\n2\n(1 row)\n', status: 0 });
  });

  it('that can not be written is a failure', async function () {
    if (!existsSync('/dev/full')) this.skip();
    using at = await folderWithLetter();
    const full = openSync('/dev/full', 'w');
    const args = [join(clone, 'cli/main.ts'), 'sql', '--csv', '--data', at.folder.path, '-c', manyRows];
    const child = spawn(process.execPath, args, { stdio: ['ignore', full, 'pipe'] });
    let err = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).to.equal(1);
    expect(err).to.match(/^error: Not everything could be printed: .*ENOSPC/);
  });
});

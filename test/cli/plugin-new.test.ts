import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { main } from '../../cli/program.ts';
import { lazuli, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';

describe('lazuli plugin new', function () {
  this.timeout(200_000);
  const temporary = temporaryFolder();
  const folder = join(temporary.path, 'Sea-Shells');
  after(() => temporary[Symbol.dispose]());

  async function make(...args: readonly string[]) {
    const { lines, output } = printed();
    return { code: await main(['plugin', 'new', ...args], output), out: lines.out, err: lines.err.join('\n') };
  }
  const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));

  it('writes a plug-in that is called as its folder, as far as that can be a name', async () => {
    const { code, out } = await make(folder);
    expect({ code, first: out[0] }).to.deep.equal({ code: 0, first: `wrote ${folder}: metadata plug-in sea_shells` });
    expect(json('bundles/bundles.json')).to.include({ catalog: 'sea-shells', metadata: 'sea_shells' });
    expect(json('package.json')).to.include({ name: 'sea-shells', type: 'module' });
    for (const file of ['plugin.ts', 'plugin.test.ts', 'README.md', 'tsconfig.json', '.gitignore'])
      expect(readFileSync(join(folder, file), 'utf8'), file).not.to.match(/\brecordings\b/);
  });

  it('has its tests pass, by the commands that its README names', () => {
    const path = `${dirname(process.execPath)}:${process.env.PATH}`;
    const { status, stdout, stderr } = spawnSync('npm', ['test'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
    });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout)
      .to.contain('no findings: it can be used')
      .and.match(/pass 3\n/)
      .and.match(/fail 0\n/);
  });

  it('has its types checked with what is there, and a mistake in them found', () => {
    const check = () => {
      const tsc = join(folder, 'node_modules/lazuli/node_modules/typescript/bin/tsc');
      return spawnSync(process.execPath, [tsc], { cwd: folder, encoding: 'utf8' });
    };
    const { status, stdout } = check();
    expect(status, stdout).to.equal(0);
    const file = join(folder, 'plugin.ts');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace("kind: 'sum'", "kind: 'total'"));
    expect(check().stdout).to.match(/^plugin\.ts\(\d+,\d+\): error TS/);
    writeFileSync(file, text);
  });

  it('is linked to the clone, as npm links it', () => {
    expect(realpathSync(join(folder, 'node_modules/lazuli'))).to.equal(realpathSync(clone));
    expect(realpathSync(join(folder, 'node_modules/.bin/lazuli'))).to.equal(realpathSync(join(clone, 'bin/lazuli.js')));
  });

  it('tells of tests that fail, and of none', async () => {
    const failing = join(temporary.path, 'failing');
    mkdirSync(failing);
    const none = await lazuli(['plugin', 'test', failing]);
    expect(none.code).to.equal(2);
    expect(none.err).to.contain('has no tests');
    writeFileSync(
      join(failing, 'a.test.ts'),
      "import { test } from 'node:test';\ntest('a', () => { throw new Error('boom'); });\n",
    );
    const { code, out } = await lazuli(['plugin', 'test', failing]);
    expect(code).to.equal(1);
    expect(out).to.contain('boom');
  });

  it('overwrites nothing', async () => {
    const { code, err } = await make(folder);
    expect(code).to.equal(2);
    expect(err).to.contain("isn't empty").and.contain('Name a new or empty folder');
  });

  for (const name of ['hca', 'runs', '1a', 'A', 'a__b', 'a-b', 'a_', 'constructor"', 'x'.repeat(65)]) {
    it(`refuses the name ${name.slice(0, 20)}`, async () => {
      const elsewhere = join(temporary.path, 'elsewhere');
      const { code, err } = await make(elsewhere, '--name', name);
      expect(code).to.equal(2);
      expect(err).to.contain('with --name');
      expect(existsSync(elsewhere)).to.equal(false);
    });
  }
});

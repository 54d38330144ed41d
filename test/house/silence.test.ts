import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';

describe('A process of tests', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-silence-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function script(name: string, text: string): string {
    const file = join(folder, name);
    writeFileSync(file, text);
    return relative(clone, file);
  }

  /** Launches two scripts side by side. */
  function launched(one: string, other: string) {
    const scripts = [script('one.js', one), script('other.js', other)].map((file) => [file]);
    const hearing =
      '{ told: (message) => Array.isArray(message) ? message[0] : null, silentMillis: 2000, endMillis: 1000 }';
    const file = join(folder, 'launch.js');
    writeFileSync(
      file,
      `import { launch } from ${JSON.stringify(join(clone, 'bin/launch.js'))};
      await launch([${JSON.stringify(script('first.js', ''))}], [${JSON.stringify(scripts)}], ${hearing});`,
    );
    return spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 100_000 });
  }

  it('that is blocked is killed, says at what, and fails; what ran beside it is shown', () => {
    const blocked = "process.send({ at: 'a test' }, () => { for (;;); });";
    const { status, stdout, stderr } = launched(blocked, "console.log('the other half');");
    expect(status).to.equal(1);
    expect(stdout).to.equal('the other half\n');
    expect(stderr).to.include('was silent for 2000 ms, and is killed; the last that it sent was {"at":"a test"}');
    expect(stderr).to.match(/thread \d+ /);
  });

  it('that has said how it ends, and does not, is killed', () => {
    const blocked = 'process.send([0], () => { for (;;); });';
    const { status, stderr } = launched(blocked, '');
    expect(status).to.equal(0);
    expect(stderr).to.include('has not ended within 1000 ms, and is killed; the last that it sent was [0]');
  });

  it('that has said how it ends, and whose child holds its output open, is waited for no longer', () => {
    const left = `import { spawn } from 'node:child_process';
      spawn('sleep', ['20'], { stdio: ['ignore', 'inherit', 'inherit'] }).unref();
      console.log('the other half');
      process.send([0]);
      process.disconnect();`;
    const { status, stdout } = launched('process.send([0]); process.disconnect();', left);
    expect([status, stdout]).to.deep.equal([0, 'the other half\n']);
  });
});

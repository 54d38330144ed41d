import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';

describe('A process of tests that is blocked', () => {
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

  it('is killed, says at what, and fails; what ran beside it is shown', () => {
    const first = script('first.js', '');
    const blocked = script('blocked.js', "process.send({ at: 'a test' }, () => { for (;;); });");
    const other = script('other.js', "console.log('the other half');");
    const launched = join(folder, 'launch.js');
    writeFileSync(
      launched,
      `import { launch } from ${JSON.stringify(join(clone, 'bin/launch.js'))};
      await launch([${JSON.stringify(first)}], [[[${JSON.stringify(blocked)}], [${JSON.stringify(other)}]]], { told() {}, silentMillis: 2000 });`,
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, [launched], { encoding: 'utf8', timeout: 60_000 });
    expect(status).to.equal(1);
    expect(stdout).to.equal('the other half\n');
    expect(stderr)
      .to.include('silent for 2000 ms; the last that it said was {"at":"a test"}')
      .and.match(/thread \d+ /);
  });
});

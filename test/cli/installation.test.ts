import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkNode, isInstalled, LaunchError } from '../../bin/runtime.js';
import { javaMajor } from '../../cli/engines/java.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';

function lockFiles(folder: string, wanted: object, present: object): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: present }));
}

describe('the installation of dependencies', () => {
  const wanted = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.3' },
    'node_modules/of-another-platform': { version: '1.0.0', optional: true },
  };

  it('is complete with every package but optional ones in its version', () => {
    using folder = temporaryFolder();
    lockFiles(folder.path, wanted, { 'node_modules/a': { version: '1.2.3' } });
    expect(isInstalled(folder.path)).to.equal(true);
  });

  it('is to be done without packages, with others, and after npm was killed', () => {
    using folder = temporaryFolder();
    expect(isInstalled(folder.path)).to.equal(false);
    lockFiles(folder.path, wanted, { 'node_modules/a': { version: '1.2.4' } });
    expect(isInstalled(folder.path)).to.equal(false);
    lockFiles(folder.path, wanted, {});
    expect(isInstalled(folder.path)).to.equal(false);
    writeFileSync(join(folder.path, 'node_modules', '.package-lock.json'), '{"pack');
    expect(isInstalled(folder.path)).to.equal(false);
  });

  it('is not begun with a Node that is too old', () => {
    expect(() => checkNode('18.19.1')).to.throw(LaunchError, /This is Node 18.19.1; Lazuli needs Node 20 or later/);
    expect(() => checkNode('20.0.0')).not.to.throw();
  });
});

describe('the version of Java', () => {
  it('is read from what Java prints', () => {
    expect(javaMajor('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment')).to.equal(17);
    expect(javaMajor('java version "1.8.0_292"')).to.equal(8);
    expect(javaMajor('openjdk version "21" 2023-09-19')).to.equal(21);
    expect(javaMajor('command not found')).to.equal(null);
  });
});

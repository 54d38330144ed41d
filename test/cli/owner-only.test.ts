import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ownersFolder } from '../../cli/owner-only.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('What is written', () => {
  it('is for the owner only, whatever the process lets others do', async () => {
    using folder = temporaryFolder();
    const before = process.umask(0);
    await new FolderStore(join(folder.path, 'a'))
      .put('b/c', Buffer.from('secret'))
      .finally(() => process.umask(before));
    const modes = ['a', 'a/b', 'a/b/c'].map((path) => modeOf(join(folder.path, path)));
    expect(modes).to.deep.equal([0o700, 0o700, 0o600]);
  });

  it('is in a folder of the owner, also where it was open', () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    ownersFolder(folder.path);
    ownersFolder(join(folder.path, 'new'));
    expect([modeOf(folder.path), modeOf(join(folder.path, 'new'))]).to.deep.equal([0o700, 0o700]);
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { identify, isAlive, type ProcessIdentity } from '../../cli/engines/identity.ts';
import { DataFolderLock } from '../../cli/up/lock.ts';
import { LazuliError } from '../../config/errors.ts';
import { temporaryFolder } from './lazuli.ts';

/** A process that does nothing until it is ended. */
async function idle(): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return identify(child.pid ?? 0) as ProcessIdentity;
}

/** A process that existed once. */
function gone(): ProcessIdentity {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  return { pid, started: '1', command: 'node -e' };
}

function hold(folder: string, owner: ProcessIdentity, children: readonly ProcessIdentity[]): void {
  writeFileSync(join(folder, 'lock.json'), JSON.stringify({ owner, children }));
}

describe('the lock of a data folder', () => {
  it('refuses a second owner, naming the first', async () => {
    using folder = temporaryFolder();
    const lock = await DataFolderLock.acquire(folder.path, () => {});
    const refused = await DataFolderLock.acquire(folder.path, () => {}).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(LazuliError);
    expect((refused as LazuliError).code).to.equal('in_use');
    expect((refused as LazuliError).message).to.equal(
      `The data folder ${folder.path} is in use by process ${process.pid}.`,
    );
    lock.release();
    (await DataFolderLock.acquire(folder.path, () => {})).release();
    expect(existsSync(join(folder.path, 'lock.json'))).to.equal(false);
  });

  it('is taken over from an owner that is gone, and what that left running is ended', async () => {
    using folder = temporaryFolder();
    const child = await idle();
    hold(folder.path, gone(), [child]);
    const said: string[] = [];
    const lock = await DataFolderLock.acquire(folder.path, (line) => said.push(line));
    expect(isAlive(child)).to.equal(false);
    expect(said).to.have.length(1);
    lock.release();
  });

  it('never ends a process that only has the same number', async () => {
    using folder = temporaryFolder();
    const stranger = await idle();
    hold(folder.path, gone(), [
      { ...stranger, started: `${stranger.started}0` },
      { ...stranger, command: 'java OpenSearchRunner' },
    ]);
    const lock = await DataFolderLock.acquire(folder.path, () => {});
    expect(isAlive(stranger)).to.equal(true);
    lock.release();
    process.kill(stranger.pid, 'SIGKILL');
  });

  it('takes an owner for gone whose number another process has by now', async () => {
    using folder = temporaryFolder();
    const stranger = await idle();
    hold(folder.path, { ...stranger, started: '1' }, []);
    const lock = await DataFolderLock.acquire(folder.path, () => {});
    lock.release();
    process.kill(stranger.pid, 'SIGKILL');
  });

  it('remembers processes while they run', async () => {
    using folder = temporaryFolder();
    const lock = await DataFolderLock.acquire(folder.path, () => {});
    const child = gone();
    const children = () => JSON.parse(readFileSync(join(folder.path, 'lock.json'), 'utf8')).children;
    lock.record(child);
    expect(children()).to.deep.equal([child]);
    lock.forget(child.pid);
    expect(children()).to.deep.equal([]);
    lock.release();
  });

  it('says what to do when it can not be read', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'lock.json'), '{');
    const refused = await DataFolderLock.acquire(folder.path, () => {}).catch((error: unknown) => error);
    expect((refused as LazuliError).remedy).to.match(/delete that file/);
  });
});

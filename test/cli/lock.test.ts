import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { identify, isAlive, type ProcessIdentity, processesOf } from '../../cli/engines/identity.ts';
import { DataFolderLock } from '../../cli/up/lock.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';

/** A process that does nothing until it is ended. */
async function idle(...args: readonly string[]): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', ...args], { stdio: 'ignore' });
  await once(child, 'spawn');
  return identify(child.pid ?? 0) as ProcessIdentity;
}

/** A process that existed once. */
function gone(): ProcessIdentity {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  return { pid, started: '1', command: 'node -e' };
}

const newMark = (): string => `lazuli-${randomUUID()}`;

function hold(folder: string, owner: ProcessIdentity, mark = newMark()): void {
  writeFileSync(join(folder, 'lock.json'), JSON.stringify({ owner, mark }));
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
    const mark = newMark();
    const child = await idle(mark);
    hold(folder.path, gone(), mark);
    const said: string[] = [];
    const lock = await DataFolderLock.acquire(folder.path, (line) => said.push(line));
    expect(isAlive(child)).to.equal(false);
    expect(said).to.have.length(1);
    lock.release();
  });

  it('never ends a process of another owner', async () => {
    using folder = temporaryFolder();
    const stranger = await idle(newMark());
    hold(folder.path, gone());
    const lock = await DataFolderLock.acquire(folder.path, () => {});
    expect(isAlive(stranger)).to.equal(true);
    lock.release();
    process.kill(stranger.pid, 'SIGKILL');
  });

  it('takes an owner for gone whose number another process has by now', async () => {
    using folder = temporaryFolder();
    const stranger = await idle();
    hold(folder.path, { ...stranger, started: '1' });
    const lock = await DataFolderLock.acquire(folder.path, () => {});
    lock.release();
    process.kill(stranger.pid, 'SIGKILL');
  });

  it('is written once: what is started later has its mark', async () => {
    using folder = temporaryFolder();
    const lock = await DataFolderLock.acquire(folder.path, () => {});
    const said = JSON.parse(readFileSync(join(folder.path, 'lock.json'), 'utf8'));
    expect(said).to.deep.equal({ owner: identify(process.pid), mark: lock.mark });
    expect(processesOf(lock.mark)).to.deep.equal([]);
    const child = await idle(lock.mark);
    expect(processesOf(lock.mark)).to.deep.equal([child]);
    process.kill(child.pid, 'SIGKILL');
    lock.release();
  });

  for (const [what, path] of [
    ['a file', (folder: string) => join(folder, 'file')],
    ['below a file', (folder: string) => join(folder, 'file', 'data')],
    ['where the system takes no folders', () => '/proc/lazuli/data'],
  ] as const) {
    it(`says that a data folder that is ${what} can't be used`, async () => {
      using folder = temporaryFolder();
      writeFileSync(join(folder.path, 'file'), '');
      const refused = await DataFolderLock.acquire(path(folder.path), () => {}).catch((error: unknown) => error);
      expect(refused).to.include({ code: 'configuration_invalid' });
      expect((refused as LazuliError).message).to.match(/^The data folder \S+ can't be used: E/);
      expect((refused as LazuliError).remedy).to.include('--data');
    });
  }

  it('says what to do when it can not be read', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'lock.json'), '{');
    const refused = await DataFolderLock.acquire(folder.path, () => {}).catch((error: unknown) => error);
    expect((refused as LazuliError).remedy).to.match(/delete that file/);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { freePort, isFree } from '../../cli/engines/ports.ts';
import { untilAnswers } from '../../cli/up/readiness.ts';
import { lazuli, temporaryFolder } from '../rigs/cli/lazuli.ts';

const emulatorArgs = (folder: string, port: number): string[] => [
  ...['run', 'emulator', '--folder', folder, '--port', String(port)],
];

/** A role as a stack starts it: with a channel whose end says that the stack is gone. */
function started(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(clone, 'cli', 'main.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

describe('a worker', () => {
  it('ends when whoever started it dies before it is up', async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    const worker = started(emulatorArgs(folder.path, port));
    const exited = once(worker, 'exit');
    worker.disconnect();
    expect(await exited).to.deep.equal([0, null]);
    expect(await isFree(port)).to.equal(true);
  });

  it('says which process has the records that it is to have', async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    const first = started(emulatorArgs(folder.path, port));
    try {
      await untilAnswers('the emulator', `http://127.0.0.1:${port}`, new Promise(() => {}), () => true);
      const { code, err } = await lazuli(emulatorArgs(folder.path, await freePort()));
      expect(code).to.equal(1);
      expect(err).to.include(`are in use by process ${first.pid} (${process.execPath} `);
      const taken = await lazuli(['up', '--data', join(folder.path, 'data'), '--port', String(port)]);
      expect(taken.err).to.match(new RegExp(`remedy: .*end process ${first.pid} \\(.*that listens there`));
    } finally {
      const exited = once(first, 'exit');
      first.kill();
      await exited;
    }
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../../../cli/clone.ts';
import { identify, isAlive, type ProcessIdentity } from '../../../../cli/engines/identity.ts';
import { noLogger } from '../../../../core/runtime/logger.ts';
import { Daemon } from '../../../../core/streams/kcl/daemon.ts';
import { temporaryFolder } from '../../../rigs/cli/lazuli.ts';
import { until } from '../../../rigs/until.ts';

/** In place of Java: has a child, as the daemon has relays, takes no notice of SIGTERM or of its input, and does nothing. */
const java = `#!/bin/sh
trap '' TERM
sleep 600 &
echo $$ $! > "$PIDS.new" && mv "$PIDS.new" "$PIDS"
[ -z "$BRIEF" ] || exit 3
wait; wait
`;

/** A worker that has nothing but a daemon. */
const worker = `
import { Daemon } from ${JSON.stringify(join(clone, 'core/streams/kcl/daemon.ts'))};
import { noLogger } from ${JSON.stringify(join(clone, 'core/runtime/logger.ts'))};
await Daemon.start({ jars: '.', folder: process.env.FOLDER, properties: '', heap: 64, variables: {}, logger: noLogger });
`;

describe('The daemon of the Kinesis Client Library', () => {
  it('ends with the worker that started it, though that is killed and the daemon has no shard', async () => {
    using folder = temporaryFolder();
    const owner = spawn(process.execPath, ['--input-type=module', '-e', worker], {
      env: { ...process.env, ...withJava(folder.path), FOLDER: folder.path },
      stdio: 'ignore',
    });
    const started = await startedIn(folder.path);
    expect(started).to.have.length(2);
    const gone = once(owner, 'exit');
    owner.kill('SIGKILL');
    await gone;
    await until(() => !started.some(isAlive));
  });

  it('takes what it started with it where it ends by itself, and where it is killed', async () => {
    for (const brief of ['', '1']) {
      using folder = temporaryFolder();
      const variables = { ...withJava(folder.path), BRIEF: brief };
      const options = { jars: '.', folder: folder.path, properties: '', heap: 64, variables, logger: noLogger };
      const daemon = await Daemon.start(options);
      if (brief === '') {
        const started = await startedIn(folder.path);
        expect(started[0]?.pid).to.equal(daemon.pid);
        await daemon.kill();
        await until(() => !started.some(isAlive));
      }
      expect(await daemon.exited).to.equal(brief === '' ? 'signal SIGKILL' : 'code 3');
      const [, child = 0] = pidsIn(folder.path);
      await until(() => identify(child) === null);
    }
  });
});

/** Has `java` be found that says in `folder` who it is. */
function withJava(folder: string): { readonly PATH: string; readonly PIDS: string } {
  const file = join(folder, 'java');
  writeFileSync(file, java);
  chmodSync(file, 0o700);
  return { PATH: `${folder}${delimiter}${process.env.PATH}`, PIDS: join(folder, 'pids') };
}

const pidsIn = (folder: string): readonly number[] =>
  readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ').map(Number);

/** What was started: the daemon, and its child. */
async function startedIn(folder: string): Promise<readonly ProcessIdentity[]> {
  await until(() => existsSync(join(folder, 'pids')));
  const present = pidsIn(folder).map(identify);
  return present.filter((each) => each !== null);
}

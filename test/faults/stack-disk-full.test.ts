import { join } from 'node:path';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis';
import { expect } from 'chai';
import { isAlive } from '../../cli/engines/identity.ts';
import { freePair } from '../../cli/engines/ports.ts';
import { readSettings } from '../../core/config/settings.ts';
import { createKinesisClient } from '../../core/streams/kinesis.ts';
import { lazuli } from '../rigs/cli/lazuli.ts';
import { Stack } from '../rigs/cli/stack.ts';
import { engines } from '../rigs/engines.ts';
import { said, until } from '../rigs/until.ts';
import { mountSmallDisk } from './small-disk.ts';

const patience = 120_000;

/** Has the emulator write to its disk, until that has had a consequence. */
async function writeToEmulator(data: string, seen: () => boolean): Promise<void> {
  const client = createKinesisClient(readSettings(join(data, 'lazuli.json')));
  let written = 0;
  await until(async () => {
    const create = new CreateStreamCommand({ StreamName: `written-${written++}`, ShardCount: 1 });
    await client.send(create).catch(() => {});
    return seen();
  }, patience);
  client.destroy();
}

describe('A local stack whose disk is full', function () {
  this.timeout(300_000);

  it('stays: what is found is found still, logs lose lines; once there is room, all goes on and ends when asked', async function () {
    using disk = mountSmallDisk(96 * 2 ** 20);
    if (disk === null) {
      console.log('      skipped: no small file system can be mounted here (that takes root and the mount command)');
      return this.skip();
    }
    const port = await freePair();
    const data = join(disk.folder, 'data');
    const env = { OPENSEARCH_URL: await engines.opensearch() };
    const stack = new Stack(data, ['--model', 'hca', '--generate', '4', '--port', String(port)], env);
    const onData = (...args: readonly string[]) => lazuli([...args, '--data', data, '--json']);
    try {
      await stack.printing(/^ready: /m);
      const { owner } = stack.processes();
      disk.fill(0);
      expect((await onData('bundle', 'add', '--all')).code).to.equal(1);
      await writeToEmulator(data, () => /emulator ended/.test(stack.printed));
      expect((await fetch(`http://127.0.0.1:${port}/index/projects`)).status).to.equal(200);
      expect(isAlive(owner)).to.equal(true);
      const names = () => stack.processes().children.map(({ command }) => / run (\w+) /.exec(command)?.[1]);
      expect(names()).to.include.members(['transform', 'ingest', 'query', 'indexer']);
      disk.free();
      const added = await said(async () => {
        const { code, out } = await onData('bundle', 'add', '--all');
        return code === 0 ? out : null;
      }, patience);
      expect(JSON.parse(added)).to.deep.include({ failed: [] });
      await onData('status', '--watch');
      const [status] = JSON.parse((await onData('status')).out);
      expect(status).to.deep.include({ finished: true, failures: {}, paused: [] });
      const { children } = stack.processes();
      expect(await stack.end('SIGTERM')).to.equal(143);
      expect([owner, ...children].filter(isAlive)).to.deep.equal([]);
    } finally {
      await stack.end('SIGKILL');
    }
  });
});

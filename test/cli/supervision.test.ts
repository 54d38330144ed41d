import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ChildSpec } from '../../cli/engines/child.ts';
import { Supervisor } from '../../cli/up/supervisor.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';

/** A worker whose code runs with `count`: how often it was started before. */
function worker(folder: string, code: string): ChildSpec {
  const script = join(folder, 'worker.mjs');
  writeFileSync(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs';
     appendFileSync(${JSON.stringify(join(folder, 'starts'))}, '.');
     const count = readFileSync(${JSON.stringify(join(folder, 'starts'))}, 'utf8').length - 1;
     console.log('start ' + count);
     ${code}`,
  );
  return { name: 'worker', command: process.execPath, args: [script], log: join(folder, 'worker.log') };
}

async function supervised(code: string) {
  const folder = temporaryFolder();
  const said: string[] = [];
  const spoken = Promise.withResolvers<string>();
  let more = Promise.withResolvers<void>();
  const supervisor = new Supervisor('lazuli-test', (line) => {
    said.push(line);
    spoken.resolve(line);
    more.resolve();
    more = Promise.withResolvers();
  });
  await supervisor.keep(worker(folder.path, code));
  return {
    supervisor,
    said,
    spoken: spoken.promise,
    /** resolves when it says something more */
    next: () => more.promise,
    async [Symbol.asyncDispose]() {
      await supervisor.stop();
      folder[Symbol.dispose]();
    },
  };
}

describe('the supervisor', () => {
  it('starts a worker that died again, saying which and its last lines', async () => {
    await using stack = await supervised('if (count === 0) process.exit(1); setInterval(() => {}, 1000);');
    expect(await stack.spoken).to.match(
      /^worker ended with code 1\. Its last lines:\nstart 0\nstarting it again in 1 s$/,
    );
  });

  it('gives up at once when the worker says that its configuration is wrong', async () => {
    await using stack = await supervised('process.exit(2);');
    const error = await stack.supervisor.failed.catch((reason: unknown) => reason as Error);
    expect(error.message).to.equal('worker ended with code 2. Its last lines:\nstart 0');
    expect(stack.said).to.deep.equal([]);
  });

  it('goes on for ever once all has come up, whatever a worker says when it ends', async () => {
    await using stack = await supervised(
      'if (count < 2) process.exit(2); console.log("up"); setInterval(() => {}, 1000);',
    );
    stack.supervisor.serving();
    expect(await stack.spoken).to.match(/^worker ended with code 2\. .*starting it again in 1 s$/s);
    while (stack.said.length < 2) await Promise.race([stack.next(), stack.supervisor.failed]);
    expect(stack.said[1]).to.match(/^worker ended with code 2\. .*starting it again in 2 s$/s);
  });

  it('ends what it started, and starts nothing again', async () => {
    const stack = await supervised('setInterval(() => {}, 1000);');
    await stack[Symbol.asyncDispose]();
    expect(stack.said).to.deep.equal([]);
  });
});

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { temporaryFolder } from '../rigs/streams/recording.ts';
import { until } from '../rigs/until.ts';

/** What a run of mocha may start, as an expression whose value is the URL. */
const shared = `(await import('${new URL('../rigs/engines.ts', import.meta.url)}')).engines.opensearch()`;
const node = `(await import('${new URL('../rigs/search-nodes.ts', import.meta.url)}')).startSearchNodes(1).then(({ nodes: [{ url }] }) => url)`;

/** A process that starts an engine, as a run of mocha does, and tells where OpenSearch listens. */
async function startUser(
  engine: string,
  temporary: string,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const program = `process.send(await ${engine}); setInterval(() => {}, 1000);`;
  const child = fork('-', {
    execArgv: ['--input-type=module', '--eval', program],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, TMPDIR: temporary },
  });
  const [url] = await once(child, 'message');
  return { child, url };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe('The engines of the tests', () => {
  before('an OpenSearch that was there before stays', function () {
    if (process.env.OPENSEARCH_URL) this.skip();
  });

  interface Ending {
    readonly how: string;
    readonly engine: string;
    readonly end: (child: ChildProcess) => void;
  }
  const endings: readonly Ending[] = [
    { how: 'is told to end', engine: shared, end: (child) => void child.kill('SIGTERM') },
    { how: 'loses who started it', engine: shared, end: (child) => child.disconnect() },
    { how: 'is told to end and has a cluster of its own', engine: node, end: (child) => void child.kill('SIGTERM') },
  ];
  for (const { how, engine, end } of endings)
    it(`are ended with a run that ${how}, and leave no files`, async () => {
      await using folder = await temporaryFolder();
      const { child, url } = await startUser(engine, folder.path);
      try {
        expect(await answers(url)).to.equal(true);
        const ended = once(child, 'exit');
        end(child);
        await ended;
        await until(async () => !(await answers(url)));
        expect(readdirSync(folder.path)).to.deep.equal([]);
      } finally {
        child.kill('SIGKILL');
      }
    });
});

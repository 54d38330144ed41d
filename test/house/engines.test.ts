import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { until } from '../streams/until.ts';

/** A process that uses the engines of the tests, as a run of mocha does, and tells where OpenSearch listens. */
const user = `
  import { engines } from '${new URL('../engines.ts', import.meta.url)}';
  process.send(await engines.opensearch());
  setInterval(() => {}, 1000);
`;

async function startUser(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork('-', {
    execArgv: ['--input-type=module', '--eval', user],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
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

  const endings: readonly { readonly how: string; readonly end: (child: ChildProcess) => void }[] = [
    { how: 'is told to end', end: (child) => void child.kill('SIGTERM') },
    { how: 'loses who started it', end: (child) => child.disconnect() },
  ];
  for (const { how, end } of endings)
    it(`are ended with a run that ${how}`, async () => {
      const { child, url } = await startUser();
      try {
        expect(await answers(url)).to.equal(true);
        const ended = once(child, 'exit');
        end(child);
        await ended;
        await until(async () => !(await answers(url)));
      } finally {
        child.kill('SIGKILL');
      }
    });
});

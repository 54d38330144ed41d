import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { actionKey, Fed } from '../../cli/pipeline/fed.ts';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { Stack } from '../rigs/cli/stack.ts';
import { engines } from '../rigs/engines.ts';

describe('what was fed and is lost', function () {
  this.timeout(300_000);

  it('is forgotten, and nothing else is', () => {
    using folder = temporaryFolder();
    const settings = settingsIn(folder.path);
    const actions = ['1', '2', '3'].map(
      (version) => ({ action: 'add', uuid: 'a', version, source: { id: 's' } }) as const,
    );
    const fed = new Fed(settings, 'hca');
    for (const action of actions) fed.add(action);
    const [first, second, third] = actions.map(actionKey);
    fed.forget([second ?? '', 'no key']);
    for (const one of [fed, new Fed(settings, 'hca')]) expect([...one.all().keys()]).to.deep.equal([first, third]);
    for (const action of actions.slice(1, 2)) fed.add(action);
    expect([...new Fed(settings, 'hca').all().keys()]).to.deep.equal([first, third, second]);
  });

  it('is fed again where records of the streams and staged batches were removed', async () => {
    using folder = temporaryFolder();
    const env = { OPENSEARCH_URL: await engines.opensearch() };
    const start = async (...args: readonly string[]): Promise<Stack> => {
      const stack = new Stack(folder.path, ['--once', ...args], env);
      expect(await stack.ended, stack.printed).to.equal(0);
      return stack;
    };
    const staged = async () => {
      const count = 'select count(distinct bundle_uuid)::int n from bundles';
      const { out, err } = await lazuli(['sql', '--data', folder.path, '--json', '-c', count]);
      expect(err).to.equal('');
      return JSON.parse(out)[0].n;
    };
    await start('--model', 'hca', '--generate', '4');
    const all = await staged();
    for (const removed of [['kinesis', 'staging'], ['staging'], ['kinesis']]) {
      for (const name of removed) rmSync(join(folder.path, name), { recursive: true });
      const { printed } = await start();
      const isLost = removed.includes('staging');
      expect(/\d+ notifications of catalog hca were fed earlier and are lost/.test(printed), printed).to.equal(isLost);
      expect(await staged(), removed.join()).to.equal(all);
    }
  });
});

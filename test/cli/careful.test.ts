import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeBundles } from '../../cli/generated-folder.ts';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';

describe('the command line', () => {
  for (const [args, said] of [
    [['token', ''], /It is empty/],
    [['sql', '-c', ' '], /It is empty/],
    [['dead-letters', 'list', '--reason', 'nonsense'], /There is no such reason\. It is one of .*bundle_invalid, /],
  ] as const) {
    it(`refuses ${JSON.stringify(args)}`, async () => {
      const { code, err } = await lazuli(args);
      expect(code).to.equal(2);
      expect(err).to.match(said);
    });
  }

  it('deletes all bundles of a catalog only when somebody confirms it', async () => {
    using folder = temporaryFolder();
    await writeBundles(join(folder.path, 'bundles'), { seed: 1, bundles: 2 });
    writeFileSync(join(folder.path, 'lazuli.json'), JSON.stringify(settingsIn(folder.path)));
    const { code, err } = await lazuli(['bundle', 'delete', '--all', '--data', folder.path]);
    expect(code).to.equal(2);
    expect(err).to.equal('error: Nothing was deleted. Nobody can be asked.\nremedy: Confirm with --yes.\n');
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { showError } from '../../cli/output.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';

describe('errors of the command line', () => {
  it('end with code 2 and a remedy when the usage is wrong', async () => {
    for (const args of [
      ['nonsense'],
      ['up', '--port', 'x'],
      ['up', '--bundles', 'a', '--generate', '1'],
      ['up', '--model', 'nonsense'],
      ['run', 'cook'],
    ]) {
      const { code, err } = await lazuli(args);
      expect({ args, code }).to.deep.equal({ args, code: 2 });
      expect(err).to.match(/^error: .+\nremedy: See `lazuli .*--help`\.\n$/s);
    }
  });

  it('say how to get a configuration where there is none', async () => {
    using folder = temporaryFolder();
    expect(await lazuli(['status', '--data', folder.path])).to.deep.equal({
      code: 2,
      out: '',
      err: `error: There is no configuration at ${join(folder.path, 'lazuli.json')}.\nremedy: Start a local stack with \`lazuli up\`, or name its folder with --data or a configuration with --config.\n`,
    });
  });

  it('end with code 1 and say who does not answer', async () => {
    using folder = temporaryFolder();
    const config = join(folder.path, 'lazuli.json');
    writeFileSync(config, JSON.stringify(settingsIn(folder.path)));
    for (const args of [['status'], ['reindex']]) {
      const { code, err } = await lazuli([...args, '--config', config]);
      expect(code).to.equal(1);
      expect(err).to.match(/^error: The (transform|ingest) worker does not answer at http:\/\/127.0.0.1:9\.\n/);
      expect(err).to.match(/\nremedy: Start the stack with `lazuli up`/);
    }
  });

  it('name the member that is wrong in a configuration', async () => {
    using folder = temporaryFolder();
    const config = join(folder.path, 'lazuli.json');
    writeFileSync(config, JSON.stringify({ ...settingsIn(folder.path), deployment: 'Not Allowed' }));
    const { code, err } = await lazuli(['status', '--config', config]);
    expect(code).to.equal(2);
    expect(err).to.include('at deployment');
  });

  it('show message, place, causes and remedy', () => {
    const lines: string[] = [];
    const error = new LazuliError('bundle_invalid', 'A link dangles', {
      place: { bundle: 'b.1', entity: 'donor/d' },
      remedy: 'Mend the link.',
      cause: new Error('no such entity', { cause: new Error('deep down') }),
    });
    expect(showError(error, { err: (line) => lines.push(line) })).to.equal(1);
    expect(lines).to.deep.equal([
      'error: A link dangles',
      'where: bundle b.1, entity donor/d',
      'cause: no such entity',
      'cause: deep down',
      'remedy: Mend the link.',
    ]);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { presentNames } from '../../cli/former-names.ts';
import { main } from '../../cli/program.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';

describe('Former names of commands', () => {
  const cases: readonly (readonly [was: string, is: string])[] = [
    ['replay --from 2026-11-22T12:00:00Z --json', 'recompute --since 2026-11-22T12:00:00Z --json'],
    ['replay --from=TRIM_HORIZON --catalog hca', 'recompute --since=TRIM_HORIZON --catalog hca'],
    ['bundle restore UUID VERSION', 'bundle undelete UUID VERSION'],
  ];

  it('stand for the present ones, and a notice on standard error says so', () => {
    for (const [was, is] of cases) {
      const { lines, output } = printed();
      expect(presentNames(was.split(' '), output).join(' ')).to.equal(is);
      expect(lines.out).to.deep.equal([]);
      expect(lines.err).to.have.length(1);
      expect(lines.err[0]).to.match(
        /^notice: `lazuli (replay|bundle restore)` is called `lazuli (recompute|bundle undelete)` now\./,
      );
    }
  });

  it('leave all other arguments alone, without a notice', () => {
    for (const args of ['reindex --from repository', 'bundle add restore', 'bundle', 'stream purge --from', '']) {
      const { lines, output } = printed();
      expect(presentNames(args.split(' '), output)).to.deep.equal(args.split(' '));
      expect(lines.err).to.deep.equal([]);
    }
  });

  it('work on the command line', async () => {
    const { lines, output } = printed();
    expect(await main(['replay', '--help'], output)).to.equal(0);
    expect(lines.out[0]).to.match(/^Usage: lazuli recompute/);
    expect(lines.err).to.have.length(1);
    const wrong = printed();
    expect(await main(['replay', '--from', 'yesterday'], wrong.output)).to.equal(2);
    expect(wrong.lines.err.join('\n')).to.include('It must be a time as in RFC 3339, or TRIM_HORIZON.');
  });
});

describe('`lazuli recompute`', () => {
  it('takes a time or a restriction, not both and not neither', async () => {
    using folder = temporaryFolder();
    const config = join(folder.path, 'lazuli.json');
    writeFileSync(config, JSON.stringify(settingsIn(folder.path)));
    for (const args of [[], ['--since', 'TRIM_HORIZON', '--prefix', '0f']]) {
      const { lines, output } = printed();
      expect(await main(['recompute', ...args, '--config', config], output)).to.equal(2);
      expect(lines.err[0]).to.equal('error: Which documents?');
    }
  });
});

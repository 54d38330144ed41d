import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { clone } from '../../../cli/clone.ts';
import { processLogger } from '../../../core/runtime/logger.ts';

const run = promisify(execFile);
const module = join(clone, 'core/runtime/logger.ts');
const program = `
  import { processLogger } from ${JSON.stringify(module)};
  const log = processLogger('query');
  log.info({ a: 1 }, 'told'); log.warn({}, 'warned'); log.error({}, 'failed');
`;

/** Messages that a process with this level leaves on standard error. */
async function said(level: string): Promise<readonly string[]> {
  const env = { ...process.env, LAZULI_LOG_LEVEL: level };
  const args = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = await run(process.execPath, args, { env });
  expect(stdout).to.equal('');
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

describe('the log of a process', () => {
  it('tells what is of the level or above', async () => {
    expect(await said('info')).to.deep.equal(['told', 'warned', 'failed']);
    expect(await said('warn')).to.deep.equal(['warned', 'failed']);
    expect(await said('error')).to.deep.equal(['failed']);
  });

  it('refuses a level that there is not', () => {
    expect(() => processLogger('query', { LAZULI_LOG_LEVEL: 'loud' })).to.throw("LAZULI_LOG_LEVEL is 'loud'");
  });
});

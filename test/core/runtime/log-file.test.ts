import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../../cli/clone.ts';
import { LogFile } from '../../../core/runtime/log-file.ts';

/** A program that logs, and its exit code. @param fd its standard error */
function logging(fd: number): number | null {
  const logger = JSON.stringify(join(clone, 'core/runtime/logger.ts'));
  const code = `import { processLogger } from ${logger};
    const logger = processLogger('test');
    for (let i = 0; i < 3; i++) logger.info({ i }, 'still here');
    setImmediate(() => process.exit(7));`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'ignore', fd] }).status;
}

describe('a log that can not be written', () => {
  it('ends nothing', function () {
    // Every write to it fails as on a full disk (full(4)).
    if (!existsSync('/dev/full')) return this.skip();
    const full = openSync('/dev/full', 'w');
    expect(logging(full)).to.equal(7);
    closeSync(full);
  });

  it('says afterwards how many lines are lost, and continues no line that was cut', () => {
    let written = '';
    let room = 20;
    const log = new LogFile((bytes) => {
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const part = Buffer.from(bytes.subarray(0, room)).toString();
      written += part;
      room -= part.length;
      return part.length;
    });
    for (const msg of ['one', 'two', 'three']) log.write(`${JSON.stringify({ msg })}\n`);
    expect(written).to.equal('{"msg":"one"}\n{"msg"');
    room = 1000;
    log.write('{"msg":"four"}\n');
    const [one, cut, lost, four, end] = written.split('\n');
    expect([one, cut, four, end]).to.deep.equal(['{"msg":"one"}', '{"msg"', '{"msg":"four"}', '']);
    expect(JSON.parse(lost ?? '')).to.include({ lost: 2, msg: 'lines of this log could not be written' });
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';

const rooms = ['cli', 'core', 'exports', 'infra', 'ingest', 'plugins', 'query', 'transform'];
/** What says something, or ends the process before all was said. */
const printing = /\bconsole\s*\.\s*\w+\s*\(|\bprocess\s*(\.\s*|\[')(stdout|stderr|exit|reallyExit|abort)\b/;
const door = 'cli/process-output.ts';
/** A program of its own, whose output another program reads. */
const relay = 'core/streams/kcl/relay.ts';

const sources = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...rooms], {
  cwd: clone,
  encoding: 'utf8',
})
  .stdout.split('\n')
  .filter((file) => file.endsWith('.ts'));
const read = (file: string): string => readFileSync(join(clone, file), 'utf8');

describe('What is printed', () => {
  it('goes through one door, which escapes what acts on a terminal, and loses nothing at the end', () => {
    expect(sources).to.include(door);
    expect(sources.filter((file) => printing.test(read(file)))).to.have.members([door, relay]);
  });

  it('comes from the command line alone: workers have a log', () => {
    const importing = sources.filter((file) => /from '.*\/process-output\.ts'/.test(read(file)));
    expect(importing.filter((file) => !file.startsWith('cli/'))).to.deep.equal([]);
  });
});

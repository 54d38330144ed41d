import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';

const maxLines = 300;
const vagueNames = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'manager'];

/** Every file that is, or is about to be, in the repository. */
const files = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: clone,
  encoding: 'utf8',
})
  .stdout.split('\n')
  .filter((file) => file !== '' && statSync(join(clone, file), { throwIfNoEntry: false })?.isFile());
const sources = files.filter((file) => ['.ts', '.js', '.cjs', '.mjs'].includes(extname(file)));
const read = (file: string): string => readFileSync(join(clone, file), 'utf8');

/** Sources of which some line matches. */
const withLine = (pattern: RegExp, among = sources): string[] =>
  among.filter((file) => file !== 'test/house/files.test.ts' && pattern.test(read(file)));

describe('every file', () => {
  it(`has at most ${maxLines} lines of code`, () => {
    expect(sources.filter((file) => read(file).split('\n').length > maxLines + 1)).to.deep.equal([]);
  });

  it('has a name that says what is in it', () => {
    const names = files.map((file) => [file, basename(file, extname(file)), basename(dirname(file))] as const);
    const vague = names.filter(([, name, folder]) => vagueNames.includes(name) || vagueNames.includes(folder));
    expect(vague.map(([file]) => file)).to.deep.equal([]);
  });

  it('leaves nothing to be done later', () => {
    expect(withLine(/\b(TODO|FIXME|XXX)\b/)).to.deep.equal([]);
  });

  it('silences no type checks', () => {
    expect(withLine(/@ts-(ignore|nocheck)/)).to.deep.equal([]);
    // A test for the compiler: what it holds must be wrong.
    expect(withLine(/@ts-expect-error/)).to.deep.equal(['test/plugins/typed-declarations.test.ts']);
  });

  it('has its time from a clock that can be held still, where work is done', () => {
    const rooms = /^(exports|ingest|transform|plugins|core\/(?!config|health|http|search))\b.*\.ts$/;
    const clocks = ['core/runtime/clock.ts', 'core/streams/emulator.ts'];
    const working = sources.filter((file) => rooms.test(file) && !clocks.includes(file));
    expect(withLine(/\b(Date\.now|performance\.now|setTimeout|setInterval)\(|new Date\(\)/, working)).to.deep.equal([]);
  });

  it('runs all tests, unless a test says why it can not', () => {
    expect(withLine(/\b(describe|it|context)\.(only|skip)\(/)).to.deep.equal([]);
  });
});

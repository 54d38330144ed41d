import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';

const rooms = ['core', 'plugins', 'ingest', 'transform', 'exports', 'query', 'cli'];
const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...rooms], {
  cwd: clone,
  encoding: 'utf8',
});
const sources = stdout
  .split('\n')
  .filter((file) => file.endsWith('.ts') && statSync(join(clone, file), { throwIfNoEntry: false })?.isFile());

/** Lines that match, with their files. */
const found = (pattern: RegExp, except: readonly string[]): string[] =>
  sources
    .filter((file) => !except.includes(file))
    .flatMap((file) => {
      const lines = readFileSync(join(clone, file), 'utf8').split('\n');
      return lines.filter((line) => pattern.test(line)).map((line) => `${file}: ${line.trim()}`);
    });

describe('Every room', () => {
  it('turns bytes into text by core/config/text.ts alone: other decoders drop U+FEFF, or make characters up', () => {
    const decoders = /\bnew (TextDecoder|StringDecoder)\b|\bsetEncoding\(/;
    expect(found(decoders, ['core/config/text.ts'])).to.deep.equal([]);
    // Of the command line: logs of engines, which are shown and not kept.
    const bytesToText = /\.toString\((['"]utf-?8|\))/i;
    expect(found(bytesToText, ['cli/engines/child.ts', 'cli/output.ts'])).to.deep.equal([]);
    // The same logs, and what the system tells of processes in /proc.
    const filesToText = /\breadFile(Sync)?\(.*['"]utf-?8/i;
    const lenient = ['child', 'holders', 'identity'].map((name) => `cli/engines/${name}.ts`);
    expect(found(filesToText, lenient)).to.deep.equal([]);
  });

  it('opens DuckDB by core/duckdb/duckdb.ts alone, which has its texts come out whole', () => {
    expect(found(/\bDuckDBInstance\.(create|fromCache)\b/, ['core/duckdb/duckdb.ts'])).to.deep.equal([]);
  });

  it('orders texts by code points, never in the way of the place where it runs', () => {
    expect(found(/\blocaleCompare\b|\bIntl\.Collator\b/, [])).to.deep.equal([]);
  });
});

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import { openDuckDb } from '../../core/duckdb/duckdb.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';
import { publishedSnapshot } from './staged.ts';

const rows = (...some: readonly string[]): string =>
  `FROM (VALUES ${some.join(', ')}) AS t(entity_id, "commit", hash, body, "files.size", "specimens.organ")`;

async function rowsOf(file: string): Promise<readonly unknown[]> {
  const instance = await openDuckDb({});
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(`FROM '${file}' ORDER BY entity_id`);
  connection.closeSync();
  instance.closeSync();
  return found.getRowObjectsJson();
}

describe('lazuli export documents', () => {
  it('writes the documents of the newest snapshot as they are now, typed, to a file that is whole', async () => {
    using folder = temporaryFolder();
    const settings = settingsIn(folder.path, ['hca', 'other']);
    writeFileSync(join(folder.path, 'lazuli.json'), JSON.stringify(settings));
    const run = async (...args: readonly string[]) => {
      const { lines, output } = printed();
      const code = await main(['export', 'documents', '--data', folder.path, ...args], output);
      return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
    };
    const { staging } = settings.folders;
    await publishedSnapshot(
      staging,
      rows(`('a', 1, 1, '{"a":1}', 10, ['brain', NULL])`, "('b', 1, 1, '{}', 20, NULL)", "('c', 1, 1, '{}', 1, NULL)"),
      [rows("('b', 2, 2, '{}', 21, ['lung'])", "('c', 2, NULL, NULL, NULL, NULL)")],
    );
    const file = join(folder.path, 'hca-files.parquet');
    const { out, ...ended } = await run('--catalog', 'hca', '-o', folder.path, '--json');
    expect(ended).to.deep.equal({ code: 0, err: '' });
    const { bytes, ...result } = JSON.parse(out);
    const snapshot = { number: 1, published: '2026-01-01T00:00:00.000Z' };
    expect(result).to.deep.equal({ file, rows: 2, catalog: 'hca', entityType: 'files', snapshot });
    expect(bytes).to.be.greaterThan(100);
    expect(await rowsOf(file)).to.deep.equal([
      { entity_id: 'a', body: '{"a":1}', 'files.size': 10, 'specimens.organ': ['brain', null] },
      { entity_id: 'b', body: '{}', 'files.size': 21, 'specimens.organ': ['lung'] },
    ]);

    const again = await run('--catalog', 'hca', '-o', file);
    expect([again.code, again.out]).to.deep.equal([2, '']);
    expect(again.err).to.match(/hca-files\.parquet exists\.\nremedy: .*--force/);
    expect(await run('--catalog', 'hca', '-o', file, '--force')).to.include({ code: 0, err: '' });
    const unknown = await run('--catalog', 'hca', '--entity-type', 'samples', '-o', join(folder.path, 'x'));
    expect([unknown.code, unknown.err]).to.deep.equal([
      2,
      "error: No documents 'samples' of hca are published.\nremedy: Name one with --entity-type: files.",
    ]);
    const early = await run('--catalog', 'other', '-o', folder.path);
    expect(early).to.include({ code: 1, out: '' });
    expect(early.err).to.match(/^error: No documents of catalog other are published\.\nremedy: /);
    expect(readdirSync(folder.path).sort()).to.deep.equal(['hca-files.parquet', 'lazuli.json', 'staging']);
    expect(readdirSync(join(staging, 'hca', 'snapshots', 'claims'), { recursive: true })).to.deep.equal(['00000001']);
  });
});

import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkFiles, listStaged } from '../../cli/pipeline/deep.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';
import { publishedSnapshot, stagedBatch } from './staged.ts';

const row = 'SELECT 1::BIGINT AS bundle';
const document = `FROM (VALUES ('a', 1, 1, '{}')) AS t(entity_id, "commit", hash, body)`;

describe('Comparing all that is staged with what was written', () => {
  it('finds what is missing, cut or flipped, manifests and files of the snapshot too, each with its remedy', async () => {
    using folder = temporaryFolder();
    const store = new FolderStore(folder.path);
    for (const batch of ['00000001', '00000002', '00000003', '00000004'])
      await stagedBatch(folder.path, batch, { donors: row, cells: row });
    await publishedSnapshot(folder.path, document, []);
    const at = (key: string) => join(folder.path, key);
    const flip = (key: string, place: number) => {
      const content = readFileSync(at(key));
      content[place] = (content[place] ?? 0) ^ 1;
      writeFileSync(at(key), content);
    };
    const published = new Snapshots(store, 'hca').fileKey('1-1-files-0');
    const clean = await checkFiles(store, 'hca', () => {});
    expect(clean).to.deep.include({ manifests: 4, files: 9, findings: [] });

    truncateSync(at('hca/donors/00000001.parquet'), 10);
    rmSync(at('hca/cells/00000002.parquet'));
    flip('hca/cells/00000003.parquet', 20);
    flip('hca/manifests/00000004.json', 0);
    flip(published, 20);
    const told: string[] = [];
    const { manifests, files, findings } = await checkFiles(store, 'hca', (line) => void told.push(line));
    expect({ manifests, files }).to.deep.equal({ manifests: 3, files: 7 });
    expect(told.at(-1)).to.match(/^7 of 7 files, /);
    const found = findings.map(({ kind, name, problem }) => `${kind} ${name} ${problem}`);
    expect(found).to.have.length(5);
    expect(found.slice(0, 1)).to.deep.equal(['manifest hca/manifests/00000004.json is not what was written']);
    expect(found).to.include.members([
      'file hca/cells/00000002.parquet is missing',
      'file hca/cells/00000003.parquet is not what was written',
      `snapshot ${published} is not what was written`,
    ]);
    expect(found.join('\n')).to.match(/file hca\/donors\/00000001\.parquet has 10 bytes; \d+ were written/);
    for (const { kind, remedy } of findings)
      expect(remedy).to.include(
        kind === 'snapshot' ? 'lazuli reindex --catalog hca' : 'lazuli reindex --from repository',
      );

    const listed = (await listStaged(store, 'hca')).findings.map(({ name }) => name);
    expect(listed).to.deep.equal(['hca/manifests/00000004.json', 'hca/cells/00000002.parquet']);
  });
});

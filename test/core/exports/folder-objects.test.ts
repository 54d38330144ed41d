import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { FolderObjects } from '../../../core/exports/folder-objects.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

describe('A folder of results', () => {
  it('has a file whole or not at all, and parts of it', async () => {
    await using folder = await temporaryFolder();
    const objects = new FolderObjects(join(folder.path, 'new/results'));
    expect(await objects.stat('a.tsv')).to.equal(null);
    const file = join(folder.path, 'made');
    await writeFile(file, '0123456789');
    await objects.put('a.tsv', file);
    expect(await readFile(file, 'utf8')).to.equal('0123456789');
    expect((await objects.stat('a.tsv'))?.bytes).to.equal(10);
    const read = async (first: number, last: number) =>
      String(await buffer(await objects.read('a.tsv', { first, last })));
    expect([await read(0, 9), await read(3, 5), await read(0, -1)]).to.deep.equal(['0123456789', '345', '']);
    expect(await readdir(join(folder.path, 'new/results'))).to.deep.equal(['a.tsv']);
    await objects.delete('a.tsv');
    await objects.delete('a.tsv');
    expect(await objects.stat('a.tsv')).to.equal(null);
  });

  it('lets readers end what they read, also where it is replaced or deleted meanwhile', async () => {
    await using folder = await temporaryFolder();
    const objects = new FolderObjects(folder.path);
    const file = join(folder.path, '.made');
    await writeFile(file, 'former');
    await objects.put('a.tsv', file);
    const reading = await objects.read('a.tsv', { first: 0, last: 5 });
    await writeFile(file, 'latter');
    await objects.put('a.tsv', file);
    await objects.delete('a.tsv');
    expect(String(await buffer(reading))).to.equal('former');
  });

  it('tells when a file was put, not when it was made', async () => {
    await using folder = await temporaryFolder();
    const objects = new FolderObjects(join(folder.path, 'results'));
    const file = join(folder.path, 'made');
    await writeFile(file, 'x');
    await utimes(file, 1000, 1000);
    await objects.put('a.tsv', file);
    expect(Date.now() - ((await objects.stat('a.tsv'))?.written ?? 0)).to.be.below(60_000);
  });

  it('takes no name that leads out of it, and says what it can not write', async () => {
    await using folder = await temporaryFolder();
    const objects = new FolderObjects(join(folder.path, 'results'));
    const refused = (work: Promise<unknown>) => work.catch((error) => error);
    expect(await refused(objects.stat('../x'))).to.include({ code: 'configuration_invalid' });
    expect(await refused(objects.put('a.tsv', join(folder.path, 'nosuch')))).to.include({
      code: 'staging_unavailable',
    });
    const names: string[] = [];
    for await (const name of objects.list()) names.push(name);
    expect(names).to.deep.equal([]);
  });
});

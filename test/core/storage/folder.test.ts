import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { FolderStore } from '../../../core/storage/folder.ts';
import { storageUnavailable } from '../../../core/storage/storage-errors.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

const bytes = (text: string) => Buffer.from(text);
const segment = fc.stringMatching(/^[a-c!0-][a-c.!0-]{0,3}$/);
const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));

async function collect(keys: AsyncIterable<string>): Promise<readonly string[]> {
  const all = [];
  for await (const one of keys) all.push(one);
  return all;
}

describe('A folder of objects', () => {
  it('gives back what was put, and null for what was not', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(join(folder.path, 'new/deep'));
    expect(await store.get('a/b/c.txt')).to.equal(null);
    await store.put('a/b/c.txt', bytes('one'));
    await store.put('a/b/c.txt', bytes('two'));
    expect(Buffer.from((await store.get('a/b/c.txt')) ?? []).toString()).to.equal('two');
    expect(await readFile(await store.localPath('a/b/c.txt'), 'utf8')).to.equal('two');
    expect(await store.get('a/b/c.txt/d')).to.equal(null);
    await store.delete('a/b/c.txt');
    await store.delete('a/b/c.txt');
    expect(await store.get('a/b/c.txt')).to.equal(null);
  });

  it('lets one of many conditional puts win, and changes nothing for the others', async () => {
    await using folder = await temporaryFolder();
    const stores = Array.from({ length: 20 }, () => new FolderStore(folder.path));
    const wins = await Promise.all(stores.map((store, i) => store.putIfAbsent('x/manifest', bytes(String(i)))));
    expect(wins.filter(Boolean)).to.have.length(1);
    const found = await stores[0]?.get('x/manifest');
    expect(Buffer.from(found ?? []).toString()).to.equal(String(wins.indexOf(true)));
    expect(await readdir(join(folder.path, '.tmp'))).to.deep.equal([]);
  });

  it('never shows a part of an object while it is written over', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(folder.path);
    const value = (i: number) => Buffer.alloc(200_000, i);
    await store.put('object', value(0));
    let writing = true;
    const writer = async () => {
      for (let i = 1; i < 30; i++) await store.put('object', value(i));
      writing = false;
    };
    const reader = async () => {
      while (writing) {
        const found = await store.get('object');
        expect(found?.length).to.equal(200_000);
        expect(found?.every((byte) => byte === found[0])).to.equal(true);
      }
    };
    await Promise.all([writer(), reader(), reader()]);
  });

  it('puts many at a time', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(folder.path);
    const keys = Array.from({ length: 50 }, (_, i) => `table ${i % 7}/${String(i).padStart(3, '0')}`);
    await store.putAll(keys.map((name) => [name, bytes(name)] as const));
    expect(await collect(store.list(''))).to.deep.equal([...keys].sort());
  });

  it('lists the keys that start with a prefix, ascending', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 12 }), key, fc.nat(5), async (candidates, other, length) => {
        await using folder = await temporaryFolder();
        const store = new FolderStore(folder.path);
        // In a folder nothing can be both an object and the beginning of another's key.
        const keys = candidates.filter((one) => !candidates.some((longer) => longer.startsWith(`${one}/`)));
        await store.putAll(keys.map((one) => [one, bytes(one)] as const));
        const prefix = (keys[0] ?? other).slice(0, length);
        const expected = keys.filter((one) => one.startsWith(prefix)).sort();
        expect(await collect(store.list(prefix))).to.deep.equal(expected);
      }),
      { numRuns: numRuns(1000), seed: seed() },
    );
  });

  it('refuses keys that leave it or could be temporary files', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(join(folder.path, 'inside'));
    await writeFile(join(folder.path, 'outside'), 'secret');
    const bad = [
      '../outside',
      'a/../../outside',
      '/etc/passwd',
      '',
      '.',
      '..',
      'a//b',
      'a/',
      '.tmp/x',
      'a/.b',
      'a\\b',
      'a\0',
    ];
    for (const one of [...bad, 'x'.repeat(300), 'a/'.repeat(600)]) {
      for (const use of [
        store.get(one),
        store.put(one, bytes('')),
        store.putIfAbsent(one, bytes('')),
        store.delete(one),
      ]) {
        const error = await use.catch((caught) => caught);
        expect(error, JSON.stringify(one)).to.include({ code: 'configuration_invalid' });
      }
    }
    for (const prefix of ['../', '..', '/', 'a/../b', './']) {
      expect(await collect(store.list(prefix)).catch((caught) => caught)).to.include({ code: 'configuration_invalid' });
    }
  });

  it('stays inside whatever the key', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(folder.path);
    const hostile = fc.array(fc.constantFrom('..', '.', '', 'a', '/', '\\', '%2e', '\0', '~', '\u2024'), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(hostile, async (parts) => {
        const path = await store.localPath(parts.join('/')).catch(() => null);
        if (path !== null) expect(path.startsWith(`${folder.path}/`) && !path.includes('..')).to.equal(true);
      }),
      { numRuns: numRuns(5000), seed: seed() },
    );
  });

  it('removes what killed writers left behind, but not what is being written', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(folder.path);
    await mkdir(join(folder.path, '.tmp'));
    for (const name of ['.tmp-1-old', '.tmp-1-new']) await writeFile(join(folder.path, '.tmp', name), 'part');
    const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(folder.path, '.tmp/.tmp-1-old'), longAgo, longAgo);
    await store.prepare();
    expect(await readdir(join(folder.path, '.tmp'))).to.deep.equal(['.tmp-1-new']);
    expect(await collect(store.list(''))).to.deep.equal([]);
  });

  it('says what to do about a full or read-only disk', async () => {
    for (const [code, remedy] of [
      ['ENOSPC', /free some space/],
      ['EDQUOT', /quota/],
      ['EROFS', /read-only/],
    ] as const) {
      const error = storageUnavailable('/data/x', Object.assign(new Error(code), { code }));
      expect(error).to.include({ code: 'staging_unavailable', disposition: 'pause' });
      expect(error.remedy).to.match(remedy);
    }
  });

  it('says so when a file is in the way of a folder', async () => {
    await using folder = await temporaryFolder();
    const store = new FolderStore(folder.path);
    await store.put('a', bytes(''));
    const error = await store.put('a/b', bytes('')).catch((caught) => caught);
    expect(error).to.include({ code: 'staging_unavailable' });
    expect(await readdir(join(folder.path, '.tmp'))).to.deep.equal([]);
  });
});

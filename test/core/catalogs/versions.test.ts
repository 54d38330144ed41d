import { expect } from 'chai';
import { CatalogVersions, expectBase, type Newest, versionKey } from '../../../core/catalogs/versions.ts';
import type { LazuliError } from '../../../core/config/errors.ts';
import { jsonBytes, parsedJson } from '../../../core/config/text.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { temporaryFolder } from '../../rigs/cli/lazuli.ts';

const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/bundles' } };
const given = (...sources: string[]) => ({ hca: { atlas: 'hca', plugins, sources } });
const note = { put: '2026-12-01T00:00:00.000Z', by: 'ann@host', message: null, restores: null };
const nothing: Newest = { version: null, unusable: [], last: 0 };

describe('Versions of the catalogs', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let store: FolderStore;
  let versions: CatalogVersions;
  beforeEach(async () => {
    folder = temporaryFolder();
    store = new FolderStore(folder.path);
    await store.prepare();
    versions = new CatalogVersions(store);
  });
  afterEach(() => folder[Symbol.dispose]());

  const put = async (...sources: string[]) => versions.put(given(...sources), await versions.newest(), note, 'test');
  const codeOf = (failing: Promise<unknown>) =>
    failing.then(
      () => null,
      ({ code, message }: LazuliError) => [code, message],
    );

  it('are numbered, and the newest counts', async () => {
    expect(await versions.newest()).to.deep.equal(nothing);
    await put('a:');
    await put('a:', 'b:');
    const newest = await versions.newest();
    expect(newest).to.deep.include({ unusable: [], last: 2 });
    expect(newest.version).to.deep.include({ number: 2, by: 'ann@host', given: given('a:', 'b:') });
    expect(newest.version?.catalogs.hca).to.deep.include({ internal: false, sources: ['a:', 'b:'] });
    expect(newest.version?.changes).to.deep.include({ catalogsChanged: 1, sourcesAdded: 1, sourcesRemoved: 0 });
    expect(await versions.numbers(10)).to.deep.equal([2, 1]);
    expect(await versions.numbers(1)).to.deep.equal([2]);
    expect((await versions.read(1))?.given).to.deep.equal(given('a:'));
    expect(await versions.read(3)).to.equal(null);
  });

  it('are not put where nothing differs, or something is wrong', async () => {
    await put('a:');
    expect(await put('a:')).to.equal(null);
    expect((await codeOf(put('no colon')))?.[0]).to.equal('configuration_invalid');
    expect(await versions.numbers(10)).to.deep.equal([1]);
  });

  it('are put by one of two who put at once', async () => {
    await put('a:');
    const onto = await versions.newest();
    const both = await Promise.all(
      ['b:', 'c:'].map((source) => codeOf(versions.put(given('a:', source), onto, note, 'test'))),
    );
    expect(both.filter((code) => code === null)).to.have.length(1);
    expect(both.find((code) => code !== null)).to.deep.equal([
      'conflict',
      'Somebody else has put version 2 meanwhile.',
    ]);
  });

  it('are put once where the answer to a put is lost and it is repeated', async () => {
    const deaf = { get: store.get.bind(store), list: store.list.bind(store), putIfAbsent: putTwice };
    async function putTwice(key: string, value: Uint8Array) {
      await store.putIfAbsent(key, value);
      return store.putIfAbsent(key, value);
    }
    expect((await new CatalogVersions(deaf).put(given('a:'), nothing, note, 'test'))?.number).to.equal(1);
  });

  it('are refused where they come from another one than counts', async () => {
    expectBase(null, await versions.newest());
    await put('a:');
    await put('b:');
    const newest = await versions.newest();
    expectBase(2, newest);
    expect(() => expectBase(1, newest)).to.throw('come from version 1, and now version 2 counts');
    expect(() => expectBase(null, newest)).to.throw('come from a time before there were any, and now version 2 counts');
  });

  it('are passed over where they are damaged, edited, or of a later Lazuli', async () => {
    await put('a:');
    await put('b:');
    const kept = parsedJson((await store.get(versionKey(2))) as Uint8Array) as object;
    await store.put(versionKey(3), Buffer.from('{"format": 1'));
    await store.put(versionKey(4), jsonBytes({ ...kept, catalogs: given('edited:') }));
    await store.put(versionKey(5), jsonBytes({ ...kept, format: 2 }));
    const { version, unusable, last } = await versions.newest();
    expect([version?.number, last, unusable.map(({ number }) => number)]).to.deep.equal([2, 5, [5, 4, 3]]);
    expect(unusable[1]?.error.message).to.equal(
      "Version 4 of the catalogs can't be used: it was changed after it was put",
    );
    expect(unusable[0]?.error.remedy).to.include('lazuli catalogs restore');
    const after = await versions.after(1);
    expect([after.version?.number, after.last, after.unusable.length]).to.deep.equal([2, 5, 3]);
    expect(await versions.after(5)).to.deep.equal({ ...nothing, last: 5 });
    expect((await put('b:'))?.number, 'what counts is brought back').to.equal(6);
    expect(await versions.after(2)).to.deep.include({ unusable: [], last: 6 });
  });
});

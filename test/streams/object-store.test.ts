import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { FolderStore } from '../../streams/folder.ts';
import type { ObjectStore } from '../../streams/ports.ts';
import { S3Store } from '../../streams/s3/store.ts';
import { type Cloud, cloudMissing, startCloud } from './cloud.ts';
import { temporaryFolder } from './recording.ts';

const bytes = (text: string) => Buffer.from(text);
const shown = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString());

async function collect(keys: AsyncIterable<string>): Promise<readonly string[]> {
  const all = [];
  for await (const one of keys) all.push(one);
  return all;
}

/** What every object store keeps, whatever is behind it. @param open another handle on the same, empty at first */
function contract(open: (folder: string) => Promise<() => ObjectStore>): void {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let handle: () => ObjectStore;
  beforeEach(async () => {
    folder = await temporaryFolder();
    handle = await open(folder.path);
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  it('gives back what was put, and null for what was not', async () => {
    const store = handle();
    expect(await store.get('a/b/c.txt')).to.equal(null);
    await store.put('a/b/c.txt', bytes('one'));
    expect(shown(await handle().get('a/b/c.txt'))).to.equal('one');
    await store.put('a/b/c.txt', bytes('two'));
    await store.put('empty', bytes(''));
    expect([shown(await store.get('a/b/c.txt')), shown(await store.get('empty'))]).to.deep.equal(['two', '']);
    await store.delete('a/b/c.txt');
    await store.delete('a/b/c.txt');
    expect(await store.get('a/b/c.txt')).to.equal(null);
  });

  it('lets one of many conditional puts win, and changes nothing for the others', async () => {
    const stores = Array.from({ length: 20 }, () => handle());
    const wins = await Promise.all(stores.map((store, i) => store.putIfAbsent('x/manifest', bytes(String(i)))));
    expect(wins.filter(Boolean)).to.have.length(1);
    expect(shown(await handle().get('x/manifest'))).to.equal(String(wins.indexOf(true)));
  });

  it('lists the keys that start with a prefix, ascending, however many', async () => {
    const store = handle();
    const keys = Array.from({ length: 1100 }, (_, i) => `a/${i % 7}/${String(i).padStart(4, '0')}-é.json`);
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(keys.slice(from, from + 50).map((key) => store.put(key, bytes(key))));
    }
    await store.put('b', bytes(''));
    expect(await collect(store.list('a/'))).to.deep.equal([...keys].sort());
    expect(await collect(store.list('a/3/000'))).to.deep.equal(['a/3/0003-é.json']);
    expect(await collect(store.list('c'))).to.deep.equal([]);
  });

  it('gives a local file with what the object is now', async () => {
    const store = handle();
    for (const content of ['damaged', 'mended', 'damaged']) {
      await store.put('t/1.parquet', bytes(content));
      expect(await readFile(await store.localPath('t/1.parquet'), 'utf8')).to.equal(content);
    }
    const absent = await store.localPath('t/2.parquet');
    expect(await readFile(absent).catch((error: NodeJS.ErrnoException) => error.code)).to.equal('ENOENT');
  });

  it('refuses keys that leave it', async () => {
    const store = handle();
    for (const key of ['../outside', 'a/../../b', '/etc/passwd', '', 'a//b', 'a/', '.tmp/x', 'a\0', 'x'.repeat(300)]) {
      const uses = [store.get(key), store.put(key, bytes('')), store.putIfAbsent(key, bytes('')), store.localPath(key)];
      for (const use of uses) {
        expect(await use.catch((caught) => caught), JSON.stringify(key)).to.include({ code: 'configuration_invalid' });
      }
    }
  });
}

describe('An object store in a folder', () => {
  contract(async (folder) => () => new FolderStore(join(folder, 'objects')));
});

describe('An object store in S3', function () {
  this.timeout(240_000);
  let cloud: Cloud | undefined;
  const stores: S3Store[] = [];
  let buckets = 0;
  before(async function () {
    const missing = cloudMissing();
    if (missing !== null) {
      console.log(`      skipped: ${missing}`);
      return this.skip();
    }
    cloud = await startCloud();
  });
  afterEach(() => {
    for (const store of stores.splice(0)) store.close();
  });
  after(() => cloud?.[Symbol.asyncDispose]());

  const storeIn = (bucket: string, mirror: string): S3Store => {
    const { endpoint = '', region = '' } = cloud ?? {};
    const store = new S3Store({ endpoint, region, bucket, mirror }, {});
    stores.push(store);
    return store;
  };
  contract(async (folder) => {
    const bucket = (await cloud?.bucket(`objects-${++buckets}`)) ?? '';
    return () => storeIn(bucket, join(folder, 'mirror'));
  });

  it('says what to check when the bucket is not there, instead of taking its objects for absent', async () => {
    const store = storeIn('no-such-bucket', '/nowhere');
    for (const use of [store.get('a'), store.put('a', bytes('')), collect(store.list(''))]) {
      const error = await use.catch((caught) => caught);
      expect(error).to.include({ code: 'staging_unavailable', disposition: 'pause' });
    }
  });

  it('says so when nobody answers', async () => {
    const place = { endpoint: 'http://127.0.0.1:9', region: 'us-east-1', bucket: 'b', mirror: '/nowhere' };
    expect(await new S3Store(place, {}).get('a').catch((caught) => caught)).to.include({ code: 'staging_unavailable' });
  });
});

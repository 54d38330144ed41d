import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ObjectStore, Records } from '../../../core/runtime/ports.ts';
import { RecordTable } from '../../../core/storage/dynamodb/records.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { S3Store } from '../../../core/storage/s3/store.ts';
import { expectOwned, takeEpoch } from '../../../transform/catalog/epochs.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

const bytes = (text: string) => Buffer.from(text);
const shown = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString());

async function collect(keys: AsyncIterable<string>): Promise<readonly string[]> {
  const all = [];
  for await (const one of keys) all.push(one);
  return all;
}

/** Opens a store that is empty at first. @returns what gives another handle on it */
type Open<T> = (folder: string) => Promise<() => T>;

/** A fresh store for each test. @returns what gives another handle on it */
function freshly<T>(open: Open<T>): () => T {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let handle: () => T;
  beforeEach(async () => {
    folder = await temporaryFolder();
    handle = await open(folder.path);
  });
  afterEach(() => folder[Symbol.asyncDispose]());
  return () => handle();
}

/** What everything keeps that small objects can be kept in. */
function recordsContract(open: Open<Records>): void {
  const handle = freshly(open);

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

  it('lists the keys of a folder, ascending, however much they hold', async () => {
    const store = handle();
    const keys = Array.from({ length: 120 }, (_, i) => `a/runs/${String((i * 7) % 120).padStart(4, '0')}-é.json`);
    for (const key of keys) await store.put(key, randomBytes(10_000));
    for (const other of ['a/run', 'a/runs2/1', 'b/runs/1']) await store.put(other, bytes(''));
    expect(await collect(store.list('a/runs/'))).to.deep.equal([...keys].sort());
    expect(await collect(store.list('a/runs/000'))).to.have.length(10);
    expect(await collect(store.list('c/runs/'))).to.deep.equal([]);
  });

  it('refuses keys that leave it', async () => {
    const store = handle();
    for (const key of badKeys) {
      const uses = [store.get(key), store.put(key, bytes('')), store.putIfAbsent(key, bytes('')), store.delete(key)];
      for (const use of uses) {
        expect(await use.catch((caught) => caught), JSON.stringify(key)).to.include({ code: 'configuration_invalid' });
      }
    }
  });
}

const badKeys = ['../outside', 'a/../../b', '/etc/passwd', '', 'a//b', 'a/', '.tmp/x', 'a\0', 'x'.repeat(300)];

/** What every object store keeps, whatever is behind it. */
function contract(open: Open<ObjectStore>): void {
  recordsContract(open);
  const handle = freshly(open);

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

  it('has no local file of a key that leaves it', async () => {
    for (const key of badKeys) {
      const path = handle().localPath(key);
      expect(await path.catch((caught) => caught)).to.include({ code: 'configuration_invalid' });
    }
  });
}

describe('An object store in a folder', () => {
  contract(async (folder) => () => new FolderStore(join(folder, 'objects')));
});

describe('An object store in S3', function () {
  this.timeout(240_000);
  const cloud = useCloud();
  const stores: S3Store[] = [];
  let buckets = 0;
  afterEach(() => {
    for (const store of stores.splice(0)) store.close();
  });

  const storeIn = (bucket: string, mirror: string): S3Store => {
    const { endpoint, region } = cloud();
    const store = new S3Store({ endpoint, region, bucket, mirror }, {});
    stores.push(store);
    return store;
  };
  contract(async (folder) => {
    const bucket = await cloud().bucket(`objects-${++buckets}`);
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

describe('Records in DynamoDB', function () {
  this.timeout(240_000);
  const cloud = useCloud();
  const tables: RecordTable[] = [];
  let made = 0;
  after(() => {
    for (const table of tables) table.close();
  });

  const recordsIn = (table: string): RecordTable => {
    const { endpoint, region } = cloud();
    const records = new RecordTable({ endpoint, region, table }, {});
    tables.push(records);
    return records;
  };
  recordsContract(async () => {
    const table = await cloud().table(`records-${++made}`);
    return () => recordsIn(table);
  });

  it('give each of many workers an epoch of its own, above those that are noted beside it', async () => {
    await using folder = await temporaryFolder();
    const former = new FolderStore(folder.path);
    for (let i = 0; i < 3; i++) await takeEpoch(former, 'hca', 'former');
    const table = await cloud().table('epochs');
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeEpoch(recordsIn(table), 'hca', 'x', former)));
    const epochs = taken.map(({ epoch }) => epoch).sort((a, b) => a - b);
    expect(epochs).to.deep.equal([4, 5, 6, 7, 8, 9, 10, 11]);
    expect(taken.every(({ epoch, before }) => before === epoch - 1)).to.equal(true);
    const owned = (epoch: number) => expectOwned({ records: recordsIn(table), catalog: 'hca', epoch });
    expect(await owned(10).catch((caught) => caught)).to.include({ code: 'superseded' });
    await owned(11);
    const lost = recordsIn(await cloud().table('epochs-again'));
    expect(await takeEpoch(lost, 'hca', 'x', former)).to.deep.equal({ epoch: 12, before: 11 });
  });

  it('say what to check when the table is not there', async () => {
    const records = recordsIn('no-such-table');
    for (const use of [records.get('a/b'), records.put('a/b', bytes('')), collect(records.list('a/'))]) {
      const error = await use.catch((caught) => caught);
      expect(error).to.include({ code: 'staging_unavailable', disposition: 'pause' });
    }
  });
});

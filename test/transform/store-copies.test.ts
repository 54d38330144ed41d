import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { noLogger } from '../../core/runtime/logger.ts';
import { noFaults, type ObjectStore } from '../../core/runtime/ports.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { S3Store } from '../../core/storage/s3/store.ts';
import { Copies } from '../../transform/copies/copies.ts';
import { copiesOf } from '../../transform/copies/layout.ts';
import { restoreStore } from '../../transform/copies/restore.ts';
import { Store, storeLayout } from '../../transform/store/store.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { useCloud } from '../rigs/storage/cloud.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';
import { add } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';

const limits = { memoryBytes: 400 * 2 ** 20, threads: 1 };
const minute = 60_000;
/** Some of a small store. */
const partBytes = 2 ** 20;
const one = { uuid: 'one', version: '1', cages: { c: [{ id: 'a' }] } };
const two = { uuid: 'two', version: '1', cages: { c: [{ id: 'b' }] } };
const never = new AbortController().signal;

/** Copies of a catalog's store to anywhere, as a worker of an epoch makes them, by a clock of its own. */
function copiesTo(objects: ObjectStore, { context, store }: TestCatalog, epoch = 1, kept = 2) {
  const [commits, served, clock] = [{ current: 0 }, { number: 1 }, { now: 0 }];
  const made = { store, objects, epoch, copying: { millis: minute, kept } };
  const time = { now: () => clock.now, sleep: async () => {} };
  const copies = new Copies({ ...context, ...made, clock: time }, commits, served, partBytes);
  const make = async (commit: number) => {
    commits.current = commit;
    clock.now += minute;
    await copies.step(false, never);
  };
  return { copies, commits, served, clock, make };
}

async function keysIn(objects: ObjectStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of objects.list(copiesOf(testCatalog))) keys.push(key);
  return keys;
}

const isPart = (key: string) => key.endsWith('.part');

/** Restores into an empty folder. @returns the batches that the store then has, and which copy it is; null where none was restored */
async function restored(objects: ObjectStore, folder: string, layout = storeLayout(zoo)) {
  const file = join(folder, 'restored', 'store.duckdb');
  rmSync(join(folder, 'restored'), { recursive: true, force: true });
  await restoreStore({ objects, catalog: testCatalog, logger: noLogger, fault: noFaults }, file, layout);
  if (!readdirSync(folder).includes('restored')) return null;
  if (!readdirSync(join(folder, 'restored')).includes('store.duckdb')) return null;
  const store = await Store.open(file, zoo, limits);
  const rows = await store.rows('SELECT batch FROM batches ORDER BY batch');
  const found = { batches: rows.map(({ batch }) => String(batch)), copy: await store.copiedAs() };
  await store.close();
  return found;
}

/** What copies keep, wherever they are. */
function contract(open: (folder: string) => Promise<ObjectStore>): void {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let objects: ObjectStore;
  let catalog: TestCatalog;
  beforeEach(async () => {
    folder = await temporaryFolder();
    objects = await open(folder.path);
    catalog = await openTestCatalog(zoo);
  });
  afterEach(async () => {
    await catalog.close();
    await folder[Symbol.asyncDispose]();
  });

  it('is a store with all that was committed, marked as a copy, while the one that was copied goes on', async () => {
    const first = await catalog.stage([add(one)]);
    await catalog.load([first]);
    await copiesTo(objects, catalog).make(1);
    await catalog.add([add(two)]);
    const [copy] = (await keysIn(objects)).filter((key) => !isPart(key));
    expect(await restored(objects, folder.path)).to.deep.equal({ batches: [first], copy });
    expect(await catalog.store.copiedAs()).to.equal(null);
    expect(await catalog.store.number('SELECT count(*) FROM batches')).to.equal(2);
  });

  it('puts only what has changed since the one before, and keeps as many as it should', async () => {
    const { make } = copiesTo(objects, catalog);
    await make(1);
    const before = (await keysIn(objects)).filter(isPart);
    await make(2);
    const after = (await keysIn(objects)).filter(isPart);
    expect(before.filter((key) => after.includes(key))).to.not.deep.equal([]);
    for (const commit of [3, 4]) await make(commit);
    const kept = (await keysIn(objects)).filter((key) => !isPart(key));
    expect(kept.map((key) => Number(/-(\d+)\.json$/.exec(key)?.[1]))).to.deep.equal([3, 4]);
  });

  it('deletes those of former workers with their parts, and none of later ones', async () => {
    for (const epoch of [1, 3]) await copiesTo(objects, catalog, epoch, 1).make(1);
    const ofThird = (await keysIn(objects)).filter((key) => key.includes('00003'));
    await copiesTo(objects, catalog, 2, 1).make(5);
    expect(await keysIn(objects)).to.deep.equal(ofThird);
  });
}

describe('A copy of a store in a folder', () => {
  contract(async (folder) => new FolderStore(join(folder, 'objects')));
});

describe('A copy of a store in S3', function () {
  this.timeout(240_000);
  const cloud = useCloud();
  let buckets = 0;
  const stores: S3Store[] = [];
  after(() => {
    for (const store of stores) store.close();
  });

  contract(async (folder) => {
    const { endpoint, region } = cloud();
    const bucket = await cloud().bucket(`copies-${++buckets}`);
    const store = new S3Store({ endpoint, region, bucket, mirror: join(folder, 'mirror') }, {});
    stores.push(store);
    return store;
  });
});

describe('Copies of a store', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let objects: FolderStore;
  let catalog: TestCatalog;
  beforeEach(async () => {
    folder = await temporaryFolder();
    objects = new FolderStore(join(folder.path, 'objects'));
    catalog = await openTestCatalog(zoo);
  });
  afterEach(async () => {
    await catalog.close();
    await folder[Symbol.asyncDispose]();
  });

  it('are passed over where they are damaged or of another layout, down to none', async () => {
    const { make } = copiesTo(objects, catalog);
    await make(1);
    const first = await catalog.stage([add(one)]);
    await catalog.load([first]);
    await make(2);
    expect((await restored(objects, folder.path))?.batches).to.deep.equal([first]);
    expect(await restored(objects, folder.path, 'another')).to.equal(null);
    const descriptions = (await keysIn(objects)).filter((key) => !isPart(key));
    const older = new Set(
      JSON.parse(await readFile(await objects.localPath(descriptions[0] ?? ''), 'utf8')).parts.map(digest),
    );
    const parts = (await keysIn(objects)).filter(isPart);
    for (const key of parts.filter((part) => ![...older].some((one) => part.includes(one as string))))
      await objects.put(key, new Uint8Array(7));
    expect((await restored(objects, folder.path))?.batches).to.deep.equal([]);
    for (const key of parts) await objects.delete(key);
    expect(await restored(objects, folder.path)).to.equal(null);
    await objects.put(descriptions[1] ?? '', Buffer.from('{'));
    expect(await restored(objects, folder.path)).to.equal(null);
  });

  it('are not restored where a store is', async () => {
    await copiesTo(objects, catalog).make(1);
    const file = join(folder.path, 'there.duckdb');
    writeFileSync(file, 'mine');
    const parts = { objects, catalog: testCatalog, logger: noLogger, fault: noFaults };
    await restoreStore(parts, file, storeLayout(zoo));
    expect(await readFile(file, 'utf8')).to.equal('mine');
  });

  it('are made after something has changed and time has passed, half as often where there is other work', async () => {
    const { copies, commits, served, clock } = copiesTo(objects, catalog, 1, 10);
    const made: boolean[] = [];
    const step = async (at: number, commit: number, isBusy = false) => {
      [clock.now, commits.current] = [at, commit];
      await copies.step(isBusy, never);
      made.push(copies.commit === commit);
    };
    await step(0, 1, true); // the first one waits for a pause
    await step(1, 1);
    await step(2, 2); // too soon
    await step(minute + 1, 2);
    await step(2 * minute + 2, 3, true);
    await step(3 * minute + 1, 3, true);
    served.number = 2;
    await step(3 * minute + 2, 4);
    expect(made).to.deep.equal([false, true, false, true, false, true, true]);
    const keys = await keysIn(objects);
    await step(9 * minute, 4); // nothing new
    expect(await keysIn(objects)).to.deep.equal(keys);
  });

  it('leave the store to its worker: no other process may open it', async () => {
    const file = join(folder.path, 'own.duckdb');
    const store = await Store.open(file, zoo, limits);
    await copiesTo(objects, { ...catalog, store }).make(1);
    const opened = `require(process.argv[1]).DuckDBInstance.create(process.argv[2]).then(() => console.log('opened'), () => console.log('locked'))`;
    const duckdb = createRequire(import.meta.url).resolve('@duckdb/node-api');
    expect(execFileSync(process.execPath, ['-e', opened, duckdb, file], { encoding: 'utf8' })).to.equal('locked\n');
    await store.close();
  });

  it('that fail are tried again later, and disturb nothing', async () => {
    const refusing: ObjectStore = new Proxy(objects, {
      get: (target, member) =>
        member === 'put' ? () => Promise.reject(new Error('no')) : Reflect.get(target, member).bind(target),
    });
    const { copies, make } = copiesTo(refusing, catalog);
    await make(1);
    expect(copies.commit).to.equal(-1);
    expect(await keysIn(objects)).to.deep.equal([]);
    expect(await catalog.store.copiedAs()).to.equal(null);
  });

  it('stay while builders compute from them, and not where they could not be made', async () => {
    let refuses = false;
    const some: ObjectStore = new Proxy(objects, {
      get: (target, member) =>
        member === 'delete' && refuses
          ? () => Promise.reject(new Error('no'))
          : Reflect.get(target, member).bind(target),
    });
    const { copies, commits, make } = copiesTo(some, catalog, 1, 1);
    const whole = async () => (await keysIn(objects)).filter((key) => !isPart(key));
    commits.current = 1;
    const held = await copies.hold(never);
    await make(2);
    await make(3);
    expect(await whole())
      .to.include(held)
      .and.have.length(2);
    await copies.letGo();
    expect(await whole()).to.have.length(1);
    refuses = true;
    commits.current = 4;
    expect(await copies.hold(never).catch(({ message }: Error) => message)).to.equal('no');
    refuses = false;
    await make(5);
    expect(await whole()).to.have.length(1);
  });
});

const digest = ({ sha256 }: { sha256: string }) => sha256;

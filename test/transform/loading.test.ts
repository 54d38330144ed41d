import { expect } from 'chai';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { manifestKey, tableKey } from '../../core/staged/layout.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add } from '../rigs/transform/cages.ts';
import { loadingOf, openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import { stageBatch, testSource } from '../rigs/transform/staging.ts';
import { compact, filesOf, minute, stageMany, upkeepOf } from './upkeep.ts';

describe('Loading a batch', () => {
  it('fetches each of its files once, though they are checked, too', async () => {
    const catalog = await openTestCatalog(zoo);
    const batch = await catalog.stage([add({ uuid: 'b', version: '1', cages: { a: [{ id: 'x' }] } })]);
    const fetched: string[] = [];
    const objects = noticing(catalog.objects, async (key) => void fetched.push(key));
    expect(await loadingOf({ ...catalog.context, objects }).load([batch])).to.equal(1);
    const tables = ['animals', 'bundles', 'entities', 'members'];
    expect(fetched.sort()).to.deep.equal(
      [...tables.map((table) => tableKey(testCatalog, table, batch)), manifestKey(testCatalog, batch)].sort(),
    );
    await catalog.close();
  });

  it('that can not be loaded is set aside, and the others are loaded without it', async () => {
    const catalog = await openTestCatalog(zoo);
    const staged = (uuid: string) => catalog.stage([add({ uuid, version: '1', cages: { [uuid]: [{ id: 'x' }] } })]);
    // What a plug-in of the same name and version has staged that declared more.
    const moons = {
      ...zoo,
      entityTypes: { ...zoo.entityTypes, moons: { roles: { keepers: 'list' }, computed: {} } },
    } as const;
    const contents = { rows: [], entities: [{ type: 'moons', id: 'm', roles: {} }] };
    const fqid = { source: testSource, uuid: 'bad', version: '1' };
    const bad = await stageBatch(catalog.objects, moons, testCatalog, [{ action: 'add', fqid, contents }]);
    const batches = [await staged('a'), bad, await staged('b')];
    for (let i = 0; i < 2; i++) {
      await catalog.load(batches);
      expect([...(await catalog.documents()).keys()].filter((key) => key.startsWith('cages/'))).to.have.length(2);
      const { letters } = await catalog.deadLetters.list({ limit: 10 });
      expect(letters.map(({ reason, kind, attempts, payload }) => ({ reason, kind, attempts, payload }))).to.deep.equal(
        [{ reason: 'batch_damaged', kind: 'batch', attempts: 1, payload: { catalog: testCatalog, batch: bad } }],
      );
    }
    await catalog.close();
  });

  it('gives up none whose files go meanwhile because another worker has merged it', async () => {
    for (const left of ['nothing', 'its manifest']) {
      const [catalog, other] = await openTwo();
      await stageMany(other, 8);
      const merged = (await other.staged.standings()).live.slice(0, 1);
      const tables = (await filesOf(other)).filter((key) => key.endsWith('.parquet'));
      let isGone = false;
      const objects = noticing(other.objects, async (key) => {
        if (isGone || !key.endsWith('.parquet')) return;
        isGone = true;
        await compact(other);
        for (const gone of tables) await other.objects.delete(gone);
        if (left === 'nothing') await upkeepOf(other, 2 * minute).tidy();
      });
      const { context, deadLetters } = catalog;
      expect(await loadingOf({ ...context, objects }).load(merged), left).to.equal(0);
      expect((await deadLetters.list({ limit: 10 })).letters, left).to.deep.equal([]);
      expect((await other.staged.standings()).retired.length, left).to.equal(left === 'nothing' ? 0 : 8);
      await catalog.close();
      await other.close();
    }
  });
});

/** Two workers on what one of them stages, each with a store of its own. */
async function openTwo(): Promise<readonly [TestCatalog, TestCatalog]> {
  const other = await openTestCatalog(zoo);
  return [await openTestCatalog(zoo, undefined, other), other];
}

/** Objects of which someone is told before they are fetched. */
function noticing(objects: ObjectStore, notice: (key: string) => Promise<void>): ObjectStore {
  const told =
    <T>(fetch: (key: string) => Promise<T>) =>
    async (key: string): Promise<T> => {
      await notice(key);
      return fetch(key);
    };
  return {
    put: (key, value) => objects.put(key, value),
    putIfAbsent: (key, value) => objects.putIfAbsent(key, value),
    get: told((key) => objects.get(key)),
    localPath: told((key) => objects.localPath(key)),
    delete: (key) => objects.delete(key),
    list: (prefix) => objects.list(prefix),
  };
}

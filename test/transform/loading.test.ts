import { expect } from 'chai';
import { manifestKey, tableKey } from '../../ingest/layout.ts';
import { noFaults, type ObjectStore } from '../../streams/ports.ts';
import { Loading } from '../../transform/loading.ts';
import { add } from './cages.ts';
import { openTestCatalog, testCatalog } from './computed.ts';
import { zoo } from './zoo.ts';

describe('Loading a batch', () => {
  it('fetches each of its files once, though they are checked, too', async () => {
    const catalog = await openTestCatalog(zoo);
    const batch = await catalog.stage([add({ uuid: 'b', version: '1', cages: { a: [{ id: 'x' }] } })]);
    const fetched: string[] = [];
    const counted =
      <T>(fetch: (key: string) => Promise<T>) =>
      (key: string): Promise<T> => {
        fetched.push(key);
        return fetch(key);
      };
    const { objects, store, deadLetters } = catalog;
    const counting: ObjectStore = {
      put: (key, value) => objects.put(key, value),
      putIfAbsent: (key, value) => objects.putIfAbsent(key, value),
      get: counted((key) => objects.get(key)),
      localPath: counted((key) => objects.localPath(key)),
      delete: (key) => objects.delete(key),
      list: (prefix) => objects.list(prefix),
    };
    const parts = { store, deadLetters, plugin: zoo, catalog: testCatalog, fault: noFaults };
    expect(await new Loading({ ...parts, objects: counting }).load([batch], async () => 1)).to.equal(1);
    const tables = ['animals', 'bundles', 'entities', 'members'];
    expect(fetched.sort()).to.deep.equal(
      [...tables.map((table) => tableKey(testCatalog, table, batch)), manifestKey(testCatalog, batch)].sort(),
    );
    await catalog.close();
  });
});

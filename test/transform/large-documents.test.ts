import { expect } from 'chai';
import { Emission } from '../../transform/emission.ts';
import { named } from './cages.ts';
import { openTestCatalog, type TestCatalog, wantAll } from './computed.ts';
import type { TestNotification } from './staging.ts';
import { zoo } from './zoo.ts';

/** A cage that shows its keepers one by one. */
function kept(cage: string, keepers: number, name = 'Kim'): TestNotification {
  const rows = Array.from({ length: keepers }, (_, i) => ({
    table: 'keepers',
    id: `${cage}-${i}`,
    values: { name: `${name} ${i}`, skills: ['é', '"'] },
  }));
  const entities = [{ type: 'cages', id: cage, roles: { keepers: rows.map((_, i) => i) } }];
  return { action: 'add', fqid: named({ uuid: cage, version: '1' }), contents: { rows, entities } };
}

async function computed({ store }: TestCatalog, documentBytes: number) {
  const emission = new Emission(store, zoo, { documentBytes, bulkBytes: 2 ** 23 });
  await emission.prepare();
  await store.run(wantAll);
  await emission.compute();
  const rows = await store.rows(
    'SELECT entity_id, bytes, strlen(body) AS there, body FROM computed WHERE entity_type = 0 ORDER BY entity_id',
  );
  const documents = rows.map(({ entity_id, bytes, there, body }) => ({
    id: String(entity_id),
    bytes: Number(bytes),
    there: Number(there),
    body: String(body),
  }));
  return { documents, large: await emission.tooLarge() };
}

describe('A document that is larger than any may be', () => {
  let catalog: TestCatalog;
  afterEach(() => catalog.close());

  it('is not put together, its size is told all the same, and others are what they are', async () => {
    catalog = await openTestCatalog(zoo);
    await catalog.add([kept('a', 1500), kept('b', 3), kept('c', 1001)]);
    const { documents: whole, large: none } = await computed(catalog, 2 ** 25);
    expect(none).to.deep.equal([]);
    const [a, , c] = whole;
    const limit = Number(c?.bytes);
    const { documents, large } = await computed(catalog, limit);
    expect(large.map(({ entityId }) => entityId)).to.deep.equal(['a']);
    // But for the name of the list.
    expect(large[0]?.bytes).to.be.within(Number(a?.there) - 20, Number(a?.there));
    expect(documents.slice(1)).to.deep.equal(whole.slice(1));
    expect(documents[0]?.there).to.be.below(1000);
  });

  it('takes no more memory than there is', async () => {
    catalog = await openTestCatalog(zoo, { memoryBytes: 160 * 2 ** 20, threads: 1 });
    for (let i = 0; i < 6; i++) await catalog.add([kept(`few ${i}`, 2)]);
    await catalog.add([kept('many', 40_000, 'x'.repeat(2_000))]);
    const { documents, large } = await computed(catalog, 2 ** 20);
    expect(documents).to.have.length(7);
    expect(large.map(({ entityId }) => entityId)).to.deep.equal(['many']);
  });
});

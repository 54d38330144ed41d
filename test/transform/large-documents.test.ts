import { expect } from 'chai';
import { Documents } from '../../transform/computing/documents.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add, named } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog, wantAll } from '../rigs/transform/computed.ts';
import type { TestNotification } from '../rigs/transform/staging.ts';

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
  const documents = new Documents(store, zoo, { documentBytes, bulkBytes: 2 ** 23 });
  await documents.prepare();
  await store.run(wantAll);
  await documents.compute();
  const rows = await store.rows(
    'SELECT entity_id, bytes, strlen(body) AS there, body FROM computed WHERE entity_type = 0 ORDER BY entity_id',
  );
  const found = rows.map(({ entity_id, bytes, there, body }) => ({
    id: String(entity_id),
    bytes: Number(bytes),
    there: Number(there),
    body: String(body),
  }));
  return { documents: found, large: await documents.tooLarge() };
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

  it('because of what it does not show has nothing of that, and says so', async () => {
    catalog = await openTestCatalog(zoo);
    const sightings = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`kind ${i}`, 1]));
    await catalog.add([add({ version: '1', cages: { a: [{ id: 'x', values: { sightings } }] } })]);
    const cuts = async (documentBytes: number) => {
      const { documents, large } = await computed(catalog, documentBytes);
      expect(large).to.deep.equal([]);
      const [row] = await catalog.store.rows(
        'SELECT cuts, rest IS NOT NULL AS has_rest, bytes - strlen(concat(body, cuts, rest)) AS more FROM computed WHERE entity_type = 0',
      );
      return { bytes: documents[0]?.bytes ?? 0, cuts: row?.cuts, hasRest: row?.has_rest, more: Number(row?.more) };
    };
    const cut = (found: boolean) =>
      `,"_truncated":[{"path":"contents.animals.sightings","shown":2,"total":500,"found":${found}}]`;
    const whole = await cuts(2 ** 25);
    expect(whole).to.deep.include({ cuts: cut(true), hasRest: true, more: 0 });
    expect(await cuts(whole.bytes)).to.deep.equal(whole);
    expect(await cuts(whole.bytes - 1)).to.deep.include({ cuts: cut(false), hasRest: false, more: 0 });
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

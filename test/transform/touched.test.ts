import { expect } from 'chai';
import { zoo } from '../rigs/models/zoo.ts';
import { add, remove } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';
import { contentHashOf, type TestNotification } from '../rigs/transform/staging.ts';

const one = [{ id: 'one' }];

describe('A load touches', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo);
  });
  afterEach(() => catalog.close());

  /** Ids of the cages that wait to be written after a load, the outbox having been empty. */
  async function touchedBy(...notifications: readonly TestNotification[]): Promise<unknown> {
    await catalog.store.run('DELETE FROM outbox');
    await catalog.add(notifications);
    const rows = await catalog.store.rows('SELECT entity_id FROM outbox ORDER BY entity_id');
    return rows.map(({ entity_id }) => entity_id);
  }

  it('every entity of a bundle that it adds, and none of another', async () => {
    expect(await touchedBy(add({ version: '1', cages: { a: one, b: one } }))).to.deep.equal(['a', 'b']);
    expect(await touchedBy(add({ uuid: 'other', version: '1', cages: { c: one } }))).to.deep.equal(['c']);
  });

  it('every entity of any stored version of the bundles that it names', async () => {
    await touchedBy(add({ version: '2', cages: { a: one, b: one } }));
    expect(await touchedBy(add({ version: '1', cages: { b: one, c: one } }))).to.deep.equal(['a', 'b', 'c']);
    expect(await touchedBy(remove({ version: '2' }))).to.deep.equal(['a', 'b', 'c']);
  });

  it('the same when it changes nothing', async () => {
    const bundle = add({ version: '1', cages: { a: one } });
    await touchedBy(bundle);
    expect(await touchedBy(bundle)).to.deep.equal(['a']);
    await touchedBy(remove({ version: '1' }));
    expect(await touchedBy(remove({ version: '1' }))).to.deep.equal(['a']);
    expect(await touchedBy(remove({ version: 'unknown' }))).to.deep.equal(['a']);
  });

  it('nothing when it deletes a bundle that never came', async () => {
    expect(await touchedBy(remove({ version: '1' }))).to.deep.equal([]);
  });

  it('the entities of a copy that it replaces, too', async () => {
    const copies = ['a', 'b'].map((id) => ({ id, bundle: add({ version: '1', cages: { [id]: one } }) }));
    const [worse, better] = copies.sort((a, b) => (hash(a.bundle) < hash(b.bundle) ? -1 : 1));
    if (worse === undefined || better === undefined) throw new Error('There are two copies');
    expect(await touchedBy(worse.bundle)).to.deep.equal([worse.id]);
    expect(await touchedBy(better.bundle)).to.deep.equal(['a', 'b']);
    expect(await touchedBy(worse.bundle)).to.deep.equal([better.id]);
  });

  it('with the number of its transaction, the latest one counting', async () => {
    const bundle = add({ version: '1', cages: { a: one } });
    await catalog.add([bundle]);
    await catalog.add([bundle]);
    expect(await catalog.store.rows('SELECT entity_id, commit FROM outbox')).to.deep.equal([
      { entity_id: 'a', commit: 2n },
    ]);
  });
});

const hash = ({ contents }: TestNotification): string => contentHashOf(contents ?? null);

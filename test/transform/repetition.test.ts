import { expect } from 'chai';
import { zoo } from '../rigs/models/zoo.ts';
import { add, animal, cages, remove } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';
import { contentHashOf, type TestNotification } from '../rigs/transform/staging.ts';

const first = add({ version: '1', cages: { a: [{ id: 'ada' }] } });
const second = add({ version: '2', cages: { a: [{ id: 'ada', values: { name: 'Bob' } }], b: [{ id: null }] } });
const other = add({ uuid: 'other', version: '1', cages: { a: [{ id: 'cyd', values: { name: 'Cyd' } }] } });
const removal = remove({ uuid: 'other', version: '1' });

/** What the store holds of bundles. */
async function stored(catalog: TestCatalog): Promise<unknown> {
  const tables = ['bundles', 'deletions', 'entities', 'members', 'row_ids', 'animals'];
  const counts = tables.map((table) => `SELECT '${table}' AS t, count(*)::INTEGER AS n FROM ${table}`);
  return catalog.store.rows(`${counts.join(' UNION ALL ')} ORDER BY t`);
}

async function inCatalog<T>(use: (catalog: TestCatalog) => Promise<T>): Promise<T> {
  const catalog = await openTestCatalog(zoo);
  try {
    return await use(catalog);
  } finally {
    await catalog.close();
  }
}

const told = (batches: readonly (readonly TestNotification[])[]) =>
  inCatalog(async (catalog) => {
    for (const batch of batches) await catalog.add(batch);
    return { stored: await stored(catalog), sources: await catalog.sources() };
  });

describe('Documents and store', () => {
  it('are the same whatever is delivered twice', async () => {
    const once = await told([[first, second, other, removal]]);
    expect(await told([[first, second, other, removal], [first], [second, removal], [other]])).to.deep.equal(once);
    expect(await told([[first, first, second, second, other, other, removal, removal]])).to.deep.equal(once);
  });

  it('are the same in any order and grouping, hashes too', async () => {
    const once = await told([[first, second, other]]);
    expect(await told([[other], [second], [first]])).to.deep.equal(once);
    expect(await told([[second, other], [first]])).to.deep.equal(once);
  });

  it('are the same when a batch is loaded again, alone or with others', () =>
    inCatalog(async (catalog) => {
      const one = await catalog.stage([first]);
      const two = await catalog.stage([second, other]);
      await catalog.load([one]);
      await catalog.load([two]);
      const before = { stored: await stored(catalog), sources: await catalog.sources() };
      await catalog.load([two, one, two]);
      expect({ stored: await stored(catalog), sources: await catalog.sources() }).to.deep.equal(before);
    }));

  it('are the same when batches are loaded once more that were staged since a time', () =>
    inCatalog(async (catalog) => {
      await catalog.add([first]);
      await catalog.add([second, other]);
      const before = { stored: await stored(catalog), sources: await catalog.sources() };
      expect(await catalog.loading.forgetSince(Date.now() + 1000)).to.equal(0);
      expect(await catalog.loading.forgetSince(0)).to.equal(2);
      await catalog.store.run('DELETE FROM outbox');
      await catalog.load(await catalog.staged.unloaded());
      expect({ stored: await stored(catalog), sources: await catalog.sources() }).to.deep.equal(before);
      expect(await catalog.store.number('SELECT count(*) FROM outbox')).to.equal(before.sources.size);
    }));

  it('have another hash when something that they show is another one', async () => {
    const hashOf = async (one: TestNotification) => (await told([[one]])).sources.get('cages/a')?._hash;
    const hash = await hashOf(first);
    expect(await hashOf(add({ version: '1', cages: { a: [{ id: 'ada', values: { name: 'Eve' } }] } }))).not.to.equal(
      hash,
    );
    expect(await hashOf(add({ version: '1', cages: { a: [{ id: 'ada', values: { secret: 'other' } }] } }))).to.equal(
      hash,
    );
  });
});

describe('Of two staged copies of one bundle version', () => {
  const copies = ['Ada', 'Bob', 'Cyd', 'Dot'].map((name) =>
    add({ version: '1', cages: { [`of ${name}`]: [{ id: 'x', values: { ...animal, name } }] } }),
  );
  const ranked = [...copies].sort((a, b) => (hash(a) < hash(b) ? 1 : -1));
  const winner = (ranked[0] as TestNotification).contents as unknown as { entities: { id: string }[] };

  it('that with the highest content hash stays, whichever came first', async () => {
    for (const batches of [
      [copies],
      copies.map((copy) => [copy]),
      ranked.map((copy) => [copy]),
      [...ranked].reverse().map((copy) => [copy]),
    ]) {
      await inCatalog(async (catalog) => {
        for (const batch of batches) await catalog.add(batch);
        expect(Object.keys(await cages(catalog))).to.deep.equal([winner.entities[0]?.id]);
        expect(await catalog.store.number('SELECT count(*) FROM animals')).to.equal(1);
      });
    }
  });

  it('of the same contents that stays whose source and attributes are highest, in one batch as in several', async () => {
    const copy = add({ version: '1', cages: { a: [{ id: 'ada' }] } });
    const specs = ['repository:/0', 'total nonsense', 'repository:/1'];
    const all = specs.flatMap((spec) =>
      ['x', 'y'].map((domain) => {
        const source = { ...copy.fqid.source, spec };
        return { ...copy, fqid: { ...copy.fqid, source }, attributes: { drs_domain: domain, a: 'b' } };
      }),
    );
    const reversed = { ...all[3], attributes: { a: 'b', drs_domain: 'y' } } as TestNotification;
    for (const batches of [[all], [all.toReversed()], all.map((one) => [one]), all.toReversed().map((one) => [one])])
      await inCatalog(async (catalog) => {
        for (const batch of [...batches, [reversed]]) await catalog.add(batch);
        const stored = await catalog.store.rows('SELECT source_spec, attributes FROM bundles');
        expect(stored).to.deep.equal([{ source_spec: 'total nonsense', attributes: '{"a":"b","drs_domain":"y"}' }]);
        const { sources } = (await catalog.documents()).get('cages/a') ?? {};
        expect(sources).to.deep.equal([{ id: copy.fqid.source.id, spec: 'total nonsense' }]);
      });
  });
});

function hash({ contents }: TestNotification): string {
  return contentHashOf(contents ?? null);
}

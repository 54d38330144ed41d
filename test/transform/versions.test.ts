import { expect } from 'chai';
import { zoo } from '../rigs/models/zoo.ts';
import { add, cages, otherSource, remove, restore } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';

const named = (name: string) => ({ id: name.toLowerCase(), values: { name } });
const version1 = add({ version: '2018', cages: { a: [named('Ada')] } });
const version2 = add({ version: '2019', cages: { a: [named('Bob')] } });
const removal1 = remove({ version: '2018' });
const removal2 = remove({ version: '2019' });

describe('Of several versions of a bundle', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo);
  });
  afterEach(() => catalog.close());

  async function told(...events: readonly Parameters<TestCatalog['add']>[0][number][]) {
    for (const event of events) await catalog.add([event]);
    return cages(catalog);
  }

  it('the newer one replaces the older one', async () => {
    expect(await told(version1, version2)).to.deep.equal({ a: [['Bob'], ['2019'], 2] });
  });

  it('an older one that arrives late changes nothing but the number of contributions', async () => {
    expect(await told(version2, version1)).to.deep.equal({ a: [['Bob'], ['2019'], 2] });
  });

  it('the one before counts again when the newest is deleted', async () => {
    expect(await told(version1, version2, removal2)).to.deep.equal({ a: [['Ada'], ['2018'], 3] });
  });

  it('none counts when all are deleted', async () => {
    expect(await told(version1, version2, removal2, removal1)).to.deep.equal({});
  });

  it('one stays masked whose deletion came first', async () => {
    expect(await told(removal2, version1, version2)).to.deep.equal({ a: [['Ada'], ['2018'], 3] });
  });

  it('one that is added again after its deletion stays masked', async () => {
    expect(await told(version1, version2, removal2, version2)).to.deep.equal({ a: [['Ada'], ['2018'], 3] });
  });

  it('a deletion of an older one changes nothing but the number of contributions', async () => {
    expect(await told(version1, version2, removal1)).to.deep.equal({ a: [['Bob'], ['2019'], 3] });
  });

  it('repeated deletions count once, and one of a version that never came counts for no entity', async () => {
    const unknown = remove({ version: '2017' });
    expect(await told(version1, removal2, removal2, unknown)).to.deep.equal({ a: [['Ada'], ['2018'], 1] });
  });

  it('one counts again whose deletion is taken back, whichever came first', async () => {
    const back = { a: [['Bob'], ['2019'], 2] };
    expect(await told(version1, version2, removal2, restore({ version: '2019' }))).to.deep.equal(back);
    expect(await told(version1, version2, restore({ version: '2019' }), removal2)).to.deep.equal(back);
    expect(await told(restore({ version: '2019' }), removal2, version2, version1)).to.deep.equal(back);
  });

  it('one is masked by a deletion after a restore, until that is taken back too', async () => {
    const again = remove({ version: '2019' }, 2);
    const masked = { a: [['Ada'], ['2018'], 3] };
    expect(await told(version1, version2, removal2, restore({ version: '2019' }), again)).to.deep.equal(masked);
    expect(await told(again, version1, version2, restore({ version: '2019' }), removal2)).to.deep.equal(masked);
    expect(await told(again, restore({ version: '2019' }, 2), version1, version2)).to.deep.equal({
      a: [['Bob'], ['2019'], 2],
    });
  });

  it('restores of what was never deleted, or never came, change nothing', async () => {
    const unknown = restore({ version: '2017' });
    expect(await told(version1, restore({ version: '2018' }), unknown)).to.deep.equal({ a: [['Ada'], ['2018'], 1] });
  });

  it('versions are ordered as text', async () => {
    const nine = add({ version: '9', cages: { a: [named('Nine')] } });
    const ten = add({ version: '10', cages: { a: [named('Ten')] } });
    expect(await told(nine, ten)).to.deep.equal({ a: [['Nine'], ['9'], 2] });
  });

  it('an entity that the newest one does not mention any more loses its document', async () => {
    const both = add({ version: '2018', cages: { a: [named('Ada')], b: [named('Eve')] } });
    expect(await told(both, version2)).to.deep.equal({ a: [['Bob'], ['2019'], 2] });
  });

  it('an empty newest one takes all documents away', async () => {
    expect(await told(version1, add({ version: '2019' }))).to.deep.equal({});
  });

  it('each source has its own', async () => {
    const elsewhere = add({ source: otherSource, version: '2017', cages: { a: [named('Cyd')] } });
    expect(await told(version1, elsewhere)).to.deep.equal({ a: [['Ada', 'Cyd'], ['2017', '2018'], 2] });
    expect(await told(removal1)).to.deep.equal({ a: [['Cyd'], ['2017'], 3] });
  });

  it('a deletion in one source leaves the same version in another one alone', async () => {
    const elsewhere = add({ source: otherSource, version: '2018', cages: { a: [named('Cyd')] } });
    expect(await told(version1, elsewhere, removal1)).to.deep.equal({ a: [['Cyd'], ['2018'], 3] });
  });
});

describe('An entity of several bundles', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo);
  });
  afterEach(() => catalog.close());

  it('keeps its document while one of them mentions it', async () => {
    await catalog.add([
      add({ uuid: 'one', version: '1', cages: { shared: [named('Ada')], own: [named('Eve')] } }),
      add({ uuid: 'two', version: '1', cages: { shared: [named('Bob')] } }),
      remove({ uuid: 'one', version: '1' }),
    ]);
    expect(await cages(catalog)).to.deep.equal({ shared: [['Bob'], ['1'], 3] });
  });

  it('shows that copy of an inner entity that the newest version holds, then the lowest bundle, then source', async () => {
    const copy = (name: string) => [{ id: 'same', values: { name } }];
    await catalog.add([
      add({ uuid: 'b', version: '1', cages: { a: copy('old') } }),
      add({ uuid: 'd', version: '2', cages: { a: copy('higher') } }),
      add({ uuid: 'c', version: '2', source: otherSource, cages: { a: copy('other source') } }),
      add({ uuid: 'c', version: '2', cages: { a: copy('right') } }),
    ]);
    expect((await cages(catalog)).a?.[0]).to.deep.equal(['right']);
  });

  it('shows all copies of an inner entity that has no id', async () => {
    const copy = (name: string) => [{ id: null, values: { name } }];
    await catalog.add([
      add({ uuid: 'b', version: '1', cages: { a: copy('Ada') } }),
      add({ uuid: 'c', version: '2', cages: { a: copy('Bob') } }),
    ]);
    const document = (await catalog.documents()).get('cages/a');
    expect((await cages(catalog)).a?.[0]).to.deep.equal(['Ada', 'Bob']);
    expect(document?.food, 'each one counts').to.equal(20);
  });
});

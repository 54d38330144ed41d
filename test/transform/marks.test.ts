import { expect } from 'chai';
import { maxListedBundles } from '../../transform/aggregate/plan.ts';
import { add, type Caged } from './cages.ts';
import { openTestCatalog, type TestCatalog } from './computed.ts';
import { zoo } from './zoo.ts';

describe('A document', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo);
  });
  afterEach(() => catalog.close());

  async function cage(animals: readonly Caged[]) {
    await catalog.add([add({ version: '1', cages: { a: animals } })]);
    const source = (await catalog.sources()).get('cages/a') ?? {};
    const document = (await catalog.documents()).get('cages/a');
    return { nulls: source._nulls, truncated: source._truncated, all: document?.contents.animals?.[0] };
  }
  async function longsOf(food: string): Promise<unknown> {
    await catalog.add([add({ version: String(version++), cages: { a: [{ id: 'x', values: { foods: [food] } }] } })]);
    return (await catalog.sources()).get('cages/a')?._long;
  }
  let version = 1;
  const fed = (...foods: (string | null)[]): Caged => ({ id: String(foods), values: { foods } });

  it('says nothing where nothing is null and no limit cut', async () => {
    const { nulls, truncated } = await cage([fed('hay')]);
    expect([nulls, truncated]).to.deep.equal([['contents.everyone.skills'], undefined]);
  });

  it('names fields that a limit cut, and keeps exactly the smallest values', async () => {
    const { truncated, all } = await cage([fed('d', 'a'), fed('c'), fed('b', 'a')]);
    expect(all?.foods).to.deep.equal(['a', 'b', 'c']);
    expect(truncated).to.deep.equal(['contents.animals.foods']);
  });

  it('says nothing where a limit is just reached', async () => {
    const { truncated, all } = await cage([fed('a', 'b'), fed('c')]);
    expect([all?.foods, truncated]).to.deep.equal([['a', 'b', 'c'], undefined]);
  });

  it('has null last, once, and names the field', async () => {
    const { nulls, all } = await cage([fed(null, 'b'), fed(null)]);
    expect(all?.foods).to.deep.equal(['b', null]);
    expect(nulls).to.include('contents.animals.foods');
  });

  it('does not name a field as null that is not searchable, be it a list or a value', async () => {
    const { nulls, all } = await cage([{ id: 'x', values: { remarks: null, chip: null, mood: null } }]);
    expect([all?.remarks, all?.chip, all?.mood]).to.deep.equal([[null], null, [null]]);
    expect(nulls).to.deep.equal(['contents.animals.mood', 'contents.everyone.skills']);
  });

  it('does not name a field as null whose null a limit cut', async () => {
    const { nulls, truncated } = await cage([fed('a', 'b', 'c', null)]);
    expect([nulls, truncated]).to.deep.equal([
      ['contents.everyone.skills'],
      ['contents.animals.foods', 'contents.herds.foods'],
    ]);
  });

  it('names fields that have a text too long for the index, in any shape, and counts as the index does', async () => {
    const long = ['x'.repeat(257), 'é'.repeat(257), `${'x'.repeat(255)}\u{1F600}`];
    for (const text of long)
      expect(await longsOf(text), text.slice(-3)).to.deep.equal(['contents.animals.foods', 'contents.herds.foods']);
    for (const text of ['x'.repeat(256), 'é'.repeat(256), `${'x'.repeat(254)}\u{1F600}`]) {
      expect(await longsOf(text), text.slice(-3)).to.equal(undefined);
    }
  });

  it('takes an empty list as a null', async () => {
    const { nulls, all } = await cage([fed()]);
    expect(all?.foods).to.deep.equal([null]);
    expect(nulls).to.include('contents.animals.foods');
  });

  it('tells absent from null: what no row has is missing, what one row lacks adds nothing', async () => {
    const { all } = await cage([{ id: 'x' }, { id: 'y', values: { weight: 2 } }]);
    expect(all).to.not.have.property('age');
    expect(all?.weight).to.deep.equal([2]);
  });

  it('does not count rows without objects against a limit', async () => {
    const passports = ['1', '2'].map((number) => ({ id: number, values: { passport: { number } } }));
    const { truncated, all } = await cage([...passports, { id: 'x', values: { passport: null, sightings: null } }]);
    expect(all?.passport).to.deep.equal([{ number: '1' }, { number: '2' }]);
    expect(truncated).to.equal(undefined);
  });

  it('lists the first bundles by uuid, and says when there are more', async () => {
    const uuids = Array.from({ length: maxListedBundles + 1 }, (_, i) => String(i).padStart(4, '0'));
    await catalog.add(uuids.map((uuid) => add({ uuid, version: '1', cages: { a: [{ id: 'x' }] } })).reverse());
    const source = (await catalog.sources()).get('cages/a');
    expect(source?.bundles).to.deep.equal(uuids.slice(0, maxListedBundles).map((uuid) => ({ uuid, version: '1' })));
    expect(source?.num_contributions).to.equal(maxListedBundles + 1);
    expect(source?._truncated).to.deep.equal(['bundles']);
  });
});

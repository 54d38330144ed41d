import { expect } from 'chai';
import { maxListedBundles } from '../../transform/aggregate/plan.ts';
import { heldText } from '../../transform/texts.ts';
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

  it('has keys in the place of texts that no keyword holds, in any shape, and shows the texts', async () => {
    const [longest, longer] = ['x'.repeat(32_766), 'é"\\'.repeat(10_000)];
    await catalog.add([
      add({ version: '1', cages: { a: [{ id: 'x', values: { foods: [longest, longer], mood: longer } }] } }),
    ]);
    const source = (await catalog.sources()).get('cages/a');
    const contents = JSON.stringify(source?.contents);
    expect(source?._texts).to.deep.equal({ [heldText(longer)]: longer });
    expect([contents.includes(JSON.stringify(longest)), contents.includes(JSON.stringify(longer))]).to.deep.equal([
      true,
      false,
    ]);
    const document = (await catalog.documents()).get('cages/a');
    const [animals, herds] = [document?.contents.animals?.[0], document?.contents.herds?.[0]];
    expect(animals).to.deep.include({ foods: [longest, longer], mood: [longer] });
    expect(herds).to.deep.include({ foods: [longest, longer] });
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

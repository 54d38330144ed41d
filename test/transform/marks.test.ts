import { expect } from 'chai';
import { knownLimits, maxListedBundles } from '../../core/documents/cuts.ts';
import { heldText } from '../../core/documents/texts.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add, type Caged } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';

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
    return {
      nulls: source._nulls,
      truncated: source._truncated,
      rest: source._rest,
      all: document?.contents.animals?.[0],
    };
  }
  const fed = (...foods: (string | null)[]): Caged => ({ id: String(foods), values: { foods } });

  it('says nothing where nothing is null and no limit cut', async () => {
    const { nulls, truncated } = await cage([fed('hay')]);
    expect([nulls, truncated]).to.deep.equal([['contents.everyone.skills'], undefined]);
  });

  it('names fields that a limit cut, and keeps exactly the smallest values', async () => {
    const { truncated, rest, all } = await cage([fed('d', 'a'), fed('c'), fed('b', 'a')]);
    expect(all?.foods).to.deep.equal(['a', 'b', 'c']);
    expect(truncated).to.deep.equal([{ path: 'contents.animals.foods', shown: 3, total: 4, found: true }]);
    expect(rest).to.deep.equal({ contents: { animals: [{ foods: ['d'] }] } });
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

  it('names a field as null whose null is known, but not shown', async () => {
    const { nulls, truncated, rest } = await cage([fed('a', 'b', 'c', null)]);
    const cut = { shown: 3, total: 4, found: true };
    expect(nulls).to.deep.equal(['contents.animals.foods', 'contents.everyone.skills', 'contents.herds.foods']);
    expect([truncated, rest]).to.deep.equal([
      [
        { path: 'contents.animals.foods', ...cut },
        { path: 'contents.herds.foods', ...cut },
      ],
      undefined,
    ]);
  });

  it('keeps what is known of ranges, of the most frequent and of several groups, each in its own list', async () => {
    const { truncated, rest, all } = await cage([
      {
        id: 'x',
        values: { legs: 2, foods: ['a', 'b', 'c', 'd'], ranges: [1, 2], mood: 'calm', sightings: { p: 3, q: 2, r: 1 } },
      },
      {
        id: 'y',
        values: { legs: 4, foods: ['b', 'c', 'd', 'e', 'f'], ranges: [3, null], mood: 'wild', sightings: null },
      },
      { id: 'z', values: { legs: 4, foods: ['b', 'c', 'd', 'e', 'f'], ranges: [2, 4], mood: 'wild', sightings: null } },
      { id: 'u', values: { legs: 6, foods: [], ranges: [2, 4], mood: 'alert', sightings: null } },
    ]);
    expect(all).to.deep.include({ mood: ['wild', 'alert'], sightings: ['p', 'q'], foods: ['a', 'b', 'c'] });
    const herds = (rest as { contents: { herds: object[] } }).contents.herds;
    expect(herds).to.have.deep.members([{ foods: ['d'] }, { foods: ['e', 'f'] }]);
    expect(rest).to.deep.equal({
      contents: {
        animals: [{ foods: ['d', 'e', 'f'], mood: ['calm'], ranges: [{ gte: 3 }], sightings: ['r'] }],
        herds,
      },
    });
    expect(truncated).to.have.deep.members([
      { path: 'contents.animals.foods', shown: 3, total: 7, found: true },
      { path: 'contents.animals.mood', shown: 2, total: 3, found: true },
      { path: 'contents.animals.ranges', shown: 2, total: 3, found: true },
      { path: 'contents.animals.sightings', shown: 2, total: 3, found: true },
      { path: 'contents.herds.foods', shown: 3, total: 5, found: true },
    ]);
  });

  it('says how many objects there are, none of which is known beyond the limit', async () => {
    const passports = ['1', '2', '3'].map((number) => ({ id: number, values: { passport: { number } } }));
    const { truncated, rest } = await cage(passports);
    const cut = { path: 'contents.animals.passport', shown: 2, total: 3, found: false };
    expect([truncated, rest]).to.deep.equal([[cut], undefined]);
  });

  it('knows so many values and no more, counts one beyond, and knows no more texts than may have bytes', async () => {
    const seen = (kinds: readonly string[]): Caged => {
      return { id: 'x', values: { sightings: Object.fromEntries(kinds.map((kind) => [kind, 1])) } };
    };
    const kinds = Array.from({ length: knownLimits.values + 2 }, (_, i) => `k${String(i).padStart(5, '0')}`);
    const many = await cage([seen(kinds)]);
    const cut = { path: 'contents.animals.sightings', shown: 2, found: false };
    expect(many.truncated).to.deep.equal([{ ...cut, total: knownLimits.values + 1 }]);
    expect(many.rest).to.deep.equal({ contents: { animals: [{ sightings: kinds.slice(2, knownLimits.values) }] } });
    const long = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(knownLimits.textBytes / 4));
    await catalog.add([add({ version: '2', cages: { a: [seen(long)] } })]);
    const source = (await catalog.sources()).get('cages/a') ?? {};
    expect(source._truncated).to.deep.equal([{ ...cut, total: 5 }]);
    expect(source._rest).to.deep.equal({ contents: { animals: [{ sightings: long.slice(2, 4).map(heldText) }] } });
    expect(Object.keys(source._texts ?? {})).to.have.members(long.slice(0, 2).map(heldText));
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
    expect(source?._truncated).to.deep.equal([{ path: 'bundles', shown: 100, total: 101, found: true }]);
    expect(source?._rest).to.deep.equal({ bundles: [{ uuid: uuids.at(-1), version: '1' }] });
  });
});

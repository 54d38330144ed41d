import { expect } from 'chai';
import { expedition, herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';

const sheets = [
  sheet(1, { title: 'Aster', bytes: 10, weight: 1.5, pressed: true, collected: '2020-05-01T00:00:00.000000Z' }),
  sheet(2, { title: 'Bellis', bytes: 20, weight: null, pressed: false, collected: '2021-05-01T10:00:00.000001Z' }),
  sheet(3, { title: null, bytes: null, pressed: null, collected: null }),
  sheet(4, { habitats: ['bog', 'heath'], age: [{ value: '3', unit: 'year' }, null] }),
  sheet(5, {
    habitats: ['bog', null],
    age: [{ value: '3', unit: null }],
    altitude: [
      [0, 10],
      [20, 30],
    ],
  }),
  sheet(6, { habitats: [null], altitude: [[5, 25]], age: [null] }),
  sheet(7, {
    numbers: [
      { register: 'K', number: '1' },
      { register: 'B', number: '2' },
    ],
  }),
  sheet(8, {
    numbers: [{ register: 'K', number: null }],
    maps: [
      { atlas: 'North', page: '1' },
      { atlas: null, page: '2' },
    ],
  }),
];

const everyone = [1, 2, 3, 4, 5, 6, 7, 8];

describe('filters', () => {
  let service: Service;
  before(async () => {
    service = await startService({
      plugin: herbarium,
      documents: { sheets, expeditions: [expedition(1, { country: 'Chile', log: 'x'.repeat(300) })] },
    });
  });
  after(() => service[Symbol.asyncDispose]());

  const found = async (filters: unknown, type = 'sheets') => {
    const { status, body } = await service.get(
      `/index/${type}${withFilters(filters, { sort: 'entryId', size: '20' })}`,
    );
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.hits.map((hit: { entity_id: string }) => Number.parseInt(hit.entity_id.slice(-4), 16));
  };

  const cases: [string, unknown, number[]][] = [
    ['nothing', {}, everyone],
    ['a string', { title: { is: ['Aster'] } }, [1]],
    ['one of several strings', { title: { is: ['Aster', 'Bellis', 'Carex'] } }, [1, 2]],
    ['a string, case and all', { title: { is: ['aster'] } }, []],
    ['no value at all', { title: { is: [] } }, []],
    ['null or absent', { title: { is: [null] } }, [3, 4, 5, 6, 7, 8]],
    ['null or a string', { title: { is: [null, 'Aster'] } }, [1, 3, 4, 5, 6, 7, 8]],
    ['a number', { bytes: { is: [10] } }, [1]],
    ['a number as text', { weight: { is: ['1.5'] } }, [1]],
    ['a whole number that has a fraction', { bytes: { is: [10.5] } }, []],
    ['a number beyond all numbers of the index', { bytes: { is: [1e30] } }, []],
    ['a boolean', { pressed: { is: [true] } }, [1]],
    ['a boolean as the facet shows it', { pressed: { is: ['false'] } }, [2]],
    ['false or null', { pressed: { is: [false, null] } }, [2, 3, 4, 5, 6, 7, 8]],
    ['a moment', { collected: { is: ['2021-05-01T10:00:00.000001Z'] } }, [2]],
    ['a moment in another time zone', { collected: { is: ['2020-05-01T02:00:00+02:00'] } }, [1]],
    ['a period', { collected: { within: [['2020-01-01', '2020-12-31']] } }, [1]],
    ['a list that contains the value', { habitat: { is: ['bog'] } }, [4, 5]],
    ['a list that contains null', { habitat: { is: [null] } }, [1, 2, 3, 5, 6, 7, 8]],
    ['an age', { age: { is: [{ value: '3', unit: 'year' }] } }, [4]],
    ['an age without unit', { age: { is: [{ value: '3', unit: null }] } }, [5]],
    ['no age', { age: { is: [null] } }, [1, 2, 3, 4, 6, 7, 8]],
    ['numbers between', { bytes: { within: [[10, 15]] } }, [1]],
    ['numbers between, open below', { bytes: { within: [[null, 20]] } }, [1, 2]],
    [
      'numbers between, twice',
      {
        bytes: {
          within: [
            [0, 20],
            [15, 40],
          ],
        },
      },
      [2],
    ],
    ['numbers between, wider than the index', { bytes: { within: [[-1e40, 1e40]] } }, [1, 2]],
    ['numbers beyond the index', { bytes: { within: [[1e30, 1e40]] } }, []],
    ['ranges within', { altitude: { within: [[0, 10]] } }, [5]],
    ['ranges that contain', { altitude: { contains: [[6, 9]] } }, [5, 6]],
    ['ranges that contain a number', { altitude: { contains: [15] } }, [6]],
    ['ranges that intersect the gap between two', { altitude: { intersects: [[11, 19]] } }, [6]],
    ['no range', { altitude: { is: [null] } }, [1, 2, 3, 4, 7, 8]],
    ['a property of an object', { numbers: { is: [{ register: 'K' }] } }, [7, 8]],
    ['two properties of the same object', { numbers: { is: [{ register: 'K', number: '2' }] } }, []],
    ['one of two objects', { numbers: { is: [{ register: 'B' }, { number: null, register: 'K' }] } }, [7, 8]],
    ['no object', { numbers: { is: [null] } }, [1, 2, 3, 4, 5, 6]],
    ['a term of a facet of objects', { maps: { is: ['North'] } }, [8]],
    ['objects without their first property', { maps: { is: [null] } }, everyone],
    ['two fields', { pressed: { is: [null] }, habitat: { is: ['bog'] } }, [4, 5]],
    ['the entity id', { entryId: { is: [idOf(7)] } }, [7]],
    ['the source', { sourceId: { is: ['a'] } }, everyone],
    ['a computed field', { total: { is: [null] } }, everyone],
  ];
  for (const [what, filters, expected] of cases) {
    it(`finds ${what}: ${JSON.stringify(filters)}`, async () => expect(await found(filters)).to.deep.equal(expected));
  }

  it('treats fields that an entity type does not have as null', async () => {
    expect(await found({ log: { is: [null] } })).to.deep.equal(everyone);
    expect(await found({ log: { is: ['x'] } })).to.deep.equal([]);
    expect(await found({ total: { is: [null] } }, 'expeditions')).to.deep.equal([1]);
    expect(await found({ total: { within: [[0, 1]] } }, 'expeditions')).to.deep.equal([]);
  });

  const refused: [unknown, RegExp][] = [
    [[], /`filters`.*dictionary/],
    [{ nosuch: { is: [] } }, /Unknown field `nosuch`/],
    [{ constructor: { is: [] } }, /Unknown field `constructor`/],
    [JSON.parse('{"__proto__": {"is": []}}'), /Unknown field `__proto__`/],
    [{ title: null }, /`title`.*single-item/],
    [{ title: {} }, /`title`.*single-item/],
    [{ title: { is: [], within: [] } }, /`title`.*single-item/],
    [{ title: { like: ['A'] } }, /relation.*`title`.*is, contains, within, intersects/],
    [{ title: { is: 'A' } }, /`is`.*`title`.*not a list/],
    [{ title: { is: [1] } }, /`title`/],
    [{ title: { is: [['A']] } }, /`title`/],
    [{ title: { within: [['a', 'b']] } }, /`title`.*`within`/],
    [{ bytes: { is: ['x'] } }, /`bytes`/],
    [{ bytes: { contains: [[1, 2]] } }, /`bytes`.*`contains`/],
    [{ bytes: { within: [[1]] } }, /`bytes`/],
    [{ bytes: { within: [[1, 2, 3]] } }, /`bytes`/],
    [{ bytes: { within: ['a'] } }, /`bytes`/],
    [{ bytes: { within: [[5, 1]] } }, /`bytes`.*lower end first/],
    [{ bytes: { within: [[null, null]] } }, /`bytes`/],
    [{ bytes: { within: Array(101).fill([1, 2]) } }, /`bytes`.*101 values/],
    [{ altitude: { contains: [[5, 1]] } }, /`altitude`/],
    [{ altitude: { is: [1] } }, /`altitude`.*null only/],
    [{ age: { is: ['3 year'] } }, /`age`/],
    [{ age: { is: [{ value: '3' }] } }, /`age`.*unit/],
    [{ age: { is: [{ value: '', unit: 'year' }] } }, /`age`/],
    [{ age: { is: [{ value: null, unit: 'year' }] } }, /`age`/],
    [{ age: { within: [[1, 2]] } }, /`age`.*`within`/],
    [{ collected: { is: ['yesterday'] } }, /`collected`/],
    [{ numbers: { is: ['K'] } }, /`numbers`.*dictionary/],
    [{ numbers: { is: [{ shelf: 'K' }] } }, /`numbers`.*invalid properties.*shelf.*register, number/],
    [{ numbers: { within: [] } }, /`numbers`.*`within`/],
    [{ sourceId: { is: [null] } }, /`sourceId`.*null/],
    [{ sourceId: { within: [] } }, /`sourceId`/],
    [{ title: { is: ['\ud800'] } }, /filters.*half of a surrogate pair/],
    [{ numbers: { is: [{ register: 'a\udfff' }] } }, /filters.*half of a surrogate pair/],
    [{ sourceId: { is: ['\ud800'] } }, /filters.*half of a surrogate pair/],
    [{ accessible: { is: [null] } }, /`accessible`.*null/],
    [{ accessible: { is: ['x'] } }, /`accessible`/],
  ];
  for (const [filters, message] of refused) {
    it(`refuses ${JSON.stringify(filters).slice(0, 80)}`, async () => {
      const { status, body } = await service.get(`/index/sheets${withFilters(filters)}`);
      expect(status).to.equal(400);
      expect(body.Code).to.equal('BadRequestError');
      expect(body.Message).to.match(message);
    });
  }

  it('refuses a field that is there twice, of which one would be passed over', async () => {
    const filters = encodeURIComponent('{"title": {"is": ["a"]}, "title": {"is": ["b"]}}');
    const { status, body } = await service.get(`/index/sheets?filters=${filters}`);
    expect([status, body.Code]).to.deep.equal([400, 'BadRequestError']);
    expect(body.Message).to.match(/'filters' parameter .* two members \/title/);
  });

  it('refuses what is no JSON, and numbers that are none', async () => {
    for (const text of ['{', '', '{"bytes":{"is":[1e400]}}']) {
      const { status, body } = await service.get(`/index/sheets?filters=${encodeURIComponent(text)}`);
      expect(status).to.equal(400);
      expect(body.Message).to.match(/filters/);
    }
  });
});

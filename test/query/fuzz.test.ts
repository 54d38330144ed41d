import { expect } from 'chai';
import * as fc from 'fast-check';
import { apiFields } from '../../query/fields/api-fields.ts';
import { expedition, herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { anyTextOrHalf } from '../rigs/texts.ts';

const names = [...(apiFields(herbarium).get('sheets')?.byName.keys() ?? []), 'accessible', 'nosuch', '__proto__', ''];
const relations = ['is', 'within', 'contains', 'intersects', 'is_not'];

const odd = fc.constantFrom(
  null,
  true,
  'true',
  '',
  '\ud800',
  '\u0000',
  1e308,
  -0,
  2 ** 63,
  -(2 ** 63),
  2 ** 53 + 2,
  1.5,
  '12',
  '2020-02-30',
  '9999-12-31T23:59:59Z',
  'x'.repeat(40_0),
);
const scalar = fc.oneof(odd, anyTextOrHalf(), fc.double(), fc.integer());
const value = fc.oneof(
  scalar,
  fc.tuple(scalar, scalar),
  fc.array(scalar),
  fc.record({ value: scalar, unit: scalar }),
  fc.dictionary(fc.constantFrom('register', 'number', 'atlas', 'page', 'x'), scalar),
);
const wild = fc.dictionary(
  fc.constantFrom(...names),
  fc.oneof(
    { weight: 9, arbitrary: fc.dictionary(fc.constantFrom(...relations), fc.array(value), { maxKeys: 1, minKeys: 1 }) },
    { weight: 1, arbitrary: fc.jsonValue() },
  ),
  { maxKeys: 4 },
);
const words = fc.oneof(anyTextOrHalf(), fc.constant('x'.repeat(400)));
const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(2 ** 63, -(2 ** 63), -0, 5e-324),
);
const pairs = fc.tuple(numbers, numbers).map(([a, b]) => (a < b ? [a, b] : [b, a]));
const moments = fc
  .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(fc.option(arbitrary), { maxLength: 5 });
const is = <T>(arbitrary: fc.Arbitrary<T>) => orNull(arbitrary).map((values) => ({ is: values }));
const ranges = fc.record({
  relation: fc.constantFrom('within', 'contains', 'intersects'),
  values: fc.array(pairs, { maxLength: 5 }),
});
/** What the API takes, at its extremes. */
const sensible = fc.record(
  {
    title: is(words),
    bytes: fc.oneof(is(numbers), fc.record({ within: fc.array(pairs, { maxLength: 5 }) })),
    weight: fc.oneof(is(numbers), fc.record({ within: fc.array(pairs, { maxLength: 5 }) })),
    pressed: is(fc.constantFrom(true, false, 'true', 'false')),
    collected: is(moments),
    altitude: ranges.map(({ relation, values }) => ({ [relation]: values })),
    numbers: is(fc.dictionary(fc.constantFrom('register', 'number'), fc.option(words))),
    maps: is(words),
    log: is(words),
    accessible: fc.record({ is: fc.array(fc.boolean(), { maxLength: 2 }) }),
  },
  { requiredKeys: [] },
);
const filters = fc.oneof({ weight: 2, arbitrary: sensible }, { weight: 1, arbitrary: wild });
const text = anyTextOrHalf(30);
const mostly = <T, U>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: rare });
const cursor = fc
  .tuple(fc.constant(1), fc.constantFrom(...names), fc.constantFrom('asc', 'desc'), scalar, fc.boolean(), text)
  .map((parts) => ({
    sort: parts[1],
    order: parts[2],
    cursor: Buffer.from(JSON.stringify(parts)).toString('base64url'),
  }));
const parameters = fc.record(
  {
    filters: mostly(
      filters.map((value) => JSON.stringify(value)),
      text,
    ),
    size: mostly(fc.integer({ min: 1, max: 60 }).map(String), text),
    sort: mostly(fc.constantFrom(...names), text),
    order: mostly(fc.constantFrom('asc', 'desc'), text),
    from: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, cursor),
    direction: fc.constantFrom('search_after', 'search_before'),
  },
  { requiredKeys: ['direction'] },
);
const path = mostly(
  fc.constantFrom('/index/sheets', '/index/expeditions', `/index/sheets/${idOf(1)}`),
  fc.webPath().map((found) => `/index/${found}`),
);

describe('any request', () => {
  let service: Service;
  before(async () => {
    const sheets = [
      sheet(1, {
        title: 'Aster',
        bytes: 10,
        weight: 1.5,
        pressed: true,
        collected: '2020-05-01T00:00:00.000000Z',
        altitude: [[0, 1]],
      }),
      sheet(2, {
        age: [{ value: '3', unit: 'year' }],
        numbers: [{ register: 'K', number: '1' }],
        maps: [{ atlas: 'N', page: '1' }],
      }),
    ];
    service = await startService({ plugin: herbarium, documents: { sheets, expeditions: [expedition(3, {})] } });
  });
  after(() => service[Symbol.asyncDispose]());

  it('is answered or refused with a reason, never with a failure of the service', async function () {
    this.timeout(300_000);
    const seen = new Map<number, number>();
    const property = fc.asyncProperty(
      path,
      parameters,
      fc.boolean(),
      async (where, { from, direction, ...given }, post) => {
        const wellFormed = Object.entries(given).filter(([, value]) => value !== undefined);
        const all = {
          ...Object.fromEntries(wellFormed),
          ...(from && { sort: from.sort, order: from.order, [direction]: from.cursor }),
        };
        const { status, body } = post
          ? await service.send('POST', where, JSON.stringify(all))
          : await service.get(`${where}?${new URLSearchParams(all as Record<string, string>)}`);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        expect(status, JSON.stringify({ where, all, body }).slice(0, 3000)).to.be.below(500);
        if (status >= 400) expect(body).to.have.all.keys('Code', 'Message');
      },
    );
    await fc.assert(property, { numRuns: numRuns(6_000), seed: seed() });
    expect([...seen.keys()]).to.include.members([200, 400]);
  });
});

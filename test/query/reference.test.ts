import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Document, Json, MetadataPlugin } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { apiFields, type EntityFields } from '../../query/fields/api-fields.ts';
import { numRuns, seed } from '../property.ts';
import { anyText } from '../texts.ts';
import { generatedDocuments } from './generated.ts';
import { type Service, startService, withFilters } from './harness.ts';
import { expedition, herbarium, sheet } from './herbarium.ts';
import { anyFilters } from './reference/any-filters.ts';
import { facetsOf } from './reference/facets.ts';
import { filtered } from './reference/filters.ts';
import { orderedIds } from './reference/order.ts';
import { summaryOf } from './reference/summary.ts';

type Documents = Readonly<Record<string, readonly Document[]>>;

const long = [256, 257, 8191, 10_923, 32_766, 32_767, 40_000].flatMap((bytes) =>
  ['x', 'é', '\u{1F600}'].map(
    (one) => one.repeat(bytes / Buffer.byteLength(one)) + 'y'.repeat(bytes % Buffer.byteLength(one)),
  ),
);
const word = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('a', 'B', 'b', 'é', '\u{1F600}', '~', 'null', '') },
  { weight: 1, arbitrary: fc.constantFrom(...long) },
  { weight: 2, arbitrary: anyText() },
);
const orNull = <T extends Json>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 });
const listOf = <T extends Json>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
const age = fc.record({ value: fc.constantFrom('3', '10', '3-4'), unit: orNull(fc.constantFrom('year', 'month')) });
const range = fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 20 })).map(([a, b]) => (a < b ? [a, b] : [b, a]));
const objectOf = (first: string, second: string) => fc.record({ [first]: orNull(word), [second]: orNull(word) });
const moment = fc.constantFrom(
  '2020-01-01T00:00:00.000000Z',
  '2020-01-01T00:00:00.000001Z',
  '1999-12-31T23:59:59.999999Z',
);

/** Whatever a sheet can hold; what a field doesn't get isn't there. */
const anySheet = fc.record(
  {
    title: orNull(word),
    bytes: orNull(fc.integer({ min: -2, max: 12 })),
    weight: orNull(fc.constantFrom(0, 0.5, 10, 9, -1)),
    pressed: orNull(fc.boolean()),
    collected: orNull(moment),
    age: listOf(orNull(age)),
    altitude: listOf(range),
    habitats: listOf(orNull(word)),
    numbers: listOf(objectOf('register', 'number')),
    maps: listOf(objectOf('atlas', 'page')),
  },
  { requiredKeys: [] },
);

function herbariumDocuments(at: number): Documents {
  const sheets = fc.sample(anySheet, { numRuns: 40, seed: at }) as Readonly<Record<string, Json>>[];
  return {
    sheets: sheets.map((inner, i) => ({ ...sheet(i + 1, inner), sheet_count: (i * 7) % 5 })),
    expeditions: sheets
      .slice(0, 15)
      .map(({ title }, i) => expedition(i + 101, title === undefined ? {} : { country: title })),
    drawers: [],
  };
}

const worlds: readonly { plugin: MetadataPlugin; documents: () => Promise<Documents>; most: number }[] = [
  { plugin: herbarium, documents: async () => herbariumDocuments(seed()), most: 1000 },
  { plugin: hca, documents: () => generatedDocuments(12), most: 100 },
];

for (const { plugin, documents: made, most } of worlds) {
  describe(`Any filters on any documents of ${plugin.name}`, function () {
    this.timeout(600_000);
    const fields = apiFields(plugin);
    let service: Service;
    let documents: Documents;
    before(async () => {
      documents = await made();
      const sources = Object.values(documents).flatMap((some) => some.flatMap((document) => document.sources));
      const distinct = [...new Map(sources.map((source) => [source.id, source])).values()];
      const ids = distinct.map(({ id }) => id);
      service = await startService({ plugin, documents, sources: distinct, sees: () => ids, urlBytes: 2 ** 21 });
    });
    after(() => service?.[Symbol.asyncDispose]());

    const ok = async (path: string) => {
      const { status, body } = await service.get(path);
      expect(status, JSON.stringify(body).slice(0, 500)).to.equal(200);
      return body;
    };
    const own = (type: string): EntityFields => fields.get(type) as EntityFields;
    const served = Object.entries(plugin.entityTypes).filter(([, { served }]) => served !== undefined);

    it('find, sort and count as a plain reference does', async () => {
      const request = fc.constantFrom(...served).chain(([type, declared]) =>
        fc.record({
          type: fc.constant(type),
          size: fc.constant(declared.served?.maxPage ?? 0),
          filters: anyFilters(documents[type] ?? [], own(type)),
          sort: fc.constantFrom(...own(type).byName.keys()),
          order: fc.constantFrom('asc' as const, 'desc' as const),
        }),
      );
      const property = fc.asyncProperty(request, async ({ type, size, filters, sort, order }) => {
        const list = await ok(`/index/${type}${withFilters(filters, { sort, order, size: String(size) })}`);
        const field = own(type).byName.get(sort);
        const expected = field && orderedIds(filtered(documents[type] ?? [], filters, own(type)), field, order);
        const ids = list.hits.map((hit: { entryId?: string; entity_id?: string }) => hit.entryId ?? hit.entity_id);
        expect(ids).to.deep.equal(expected?.slice(0, size));
        expect(list.pagination.total).to.equal(expected?.length);
        const { accessible, ...facets } = list.termFacets;
        for (const [name, facet] of Object.entries(facetsOf(documents[type] ?? [], filters, own(type)))) {
          expect(facets[name], name).to.deep.equal(facet);
        }
      });
      await fc.assert(property, { numRuns: numRuns(most), seed: seed() });
    });

    it('give the summary of a plain count', async () => {
      const [first = ''] = served.map(([type]) => type);
      const request = anyFilters(Object.values(documents).flat(), own(first));
      const property = fc.asyncProperty(request, async (filters) => {
        const matching = Object.entries(documents).map(([type, all]) => [type, filtered(all, filters, own(type))]);
        const expected = summaryOf(plugin, Object.fromEntries(matching));
        expect(await ok(`/index/summary${withFilters(filters)}`)).to.deep.equal(expected);
      });
      await fc.assert(property, { numRuns: numRuns(most), seed: seed() });
    });
  });
}

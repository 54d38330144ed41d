import { expect } from 'chai';
import * as fc from 'fast-check';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { apiFields, type EntityFields } from '../../query/fields/api-fields.ts';
import { herbarium } from '../rigs/models/herbarium.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { anyFilters } from '../rigs/reference/any-filters.ts';
import { facetsOf } from '../rigs/reference/facets.ts';
import { filtered } from '../rigs/reference/filters.ts';
import { orderedIds } from '../rigs/reference/order.ts';
import { summaryOf } from '../rigs/reference/summary.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';
import { type Documents, herbariumDocuments } from './any-herbarium.ts';
import { generatedDocuments } from './generated.ts';

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

import { expect } from 'chai';
import * as fc from 'fast-check';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { apiFields, type EntityFields } from '../../query/fields/api-fields.ts';
import {
  type Documents,
  formerDocuments,
  formerHerbarium,
  foundOf,
  presentDocuments,
  presentHerbarium,
  shownOf,
} from '../rigs/models/former-herbarium.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { anyFilters } from '../rigs/reference/any-filters.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';
import { Generations } from './generations.ts';

const ways: readonly {
  readonly code: MetadataPlugin;
  readonly index: MetadataPlugin;
  readonly documents: Documents;
  readonly which: string;
}[] = [
  { code: presentHerbarium, index: formerHerbarium, documents: formerDocuments, which: 'former' },
  { code: formerHerbarium, index: presentHerbarium, documents: presentDocuments, which: 'later' },
];

const served = ['sheets', 'expeditions'];

for (const { code, index, documents, which } of ways) {
  describe(`An index that a ${which} version of the plug-in made`, function () {
    this.timeout(300_000);
    /** Reads the index of the other version. */
    let service: Service;
    /** Reads one of its own version, of the same documents without what the other version has otherwise. */
    let plain: Service;
    before(async () => {
      service = await startService({ plugin: code });
      const generations = new Generations(service.deployment);
      await generations.serve(await generations.add(index, documents));
      const own = Object.fromEntries(Object.keys(code.entityTypes).map((type) => [type, []]));
      const found = Object.entries(foundOf(documents)).filter(([type]) => Object.hasOwn(own, type));
      plain = await startService({ plugin: code, documents: { ...own, ...Object.fromEntries(found) } });
    });
    after(async () => {
      await service?.[Symbol.asyncDispose]();
      await plain?.[Symbol.asyncDispose]();
    });

    const fields = apiFields(code);
    const own = (type: string): EntityFields => fields.get(type) as EntityFields;
    const ok = async (from: Service, path: string) => {
      const { status, body } = await from.get(path.replace(from.url, ''));
      expect(status, JSON.stringify(body).slice(0, 500)).to.equal(200);
      return body;
    };
    const idsOf = ({ hits }: { hits: { entity_id: string }[] }) => hits.map(({ entity_id }) => entity_id);

    it('is filtered, sorted and counted as if its documents lacked what they have otherwise', async () => {
      const request = fc.constantFrom(...served).chain((type) =>
        fc.record({
          type: fc.constant(type),
          filters: fc.oneof(
            anyFilters(documents[type] ?? [], own(type)),
            anyFilters(foundOf(documents)[type] ?? [], own(type)),
          ),
          sort: fc.constantFrom(...own(type).byName.keys()),
          order: fc.constantFrom('asc', 'desc'),
        }),
      );
      const property = fc.asyncProperty(request, async ({ type, filters, sort, order }) => {
        const path = `/index/${type}${withFilters(filters, { sort, order, size: '20' })}`;
        const [{ status, body }, expected] = await Promise.all([service.get(path), plain.get(path)]);
        expect(status, JSON.stringify(body)).to.equal(expected.status);
        if (status !== 200) {
          expect(body).to.deep.equal(expected.body);
          return;
        }
        expect(idsOf(body)).to.deep.equal(idsOf(expected.body));
        for (const [name, facet] of Object.entries(expected.body.termFacets)) {
          expect(body.termFacets[name], name).to.deep.equal(facet);
        }
        expect(body.pagination).to.deep.equal(expected.body.pagination);
      });
      await fc.assert(property, { numRuns: numRuns(800), seed: seed() });
    });

    it('has facets of all fields, also of several that it has otherwise, one after the other', async () => {
      const lacking = ['country', 'age', ...(which === 'former' ? ['pressed', 'weight'] : ['shelf', 'rank'])];
      for (const name of [...lacking, ...lacking]) {
        const path = `/index/sheets${withFilters({ [name]: { is: [] } })}`;
        expect((await ok(service, path)).termFacets, name).to.deep.equal((await ok(plain, path)).termFacets);
      }
    });

    it('is summed up in the same way', async () => {
      const property = fc.asyncProperty(anyFilters(foundOf(documents).sheets ?? [], own('sheets')), async (filters) => {
        const path = `/index/summary${withFilters(filters)}`;
        expect(await ok(service, path)).to.deep.equal(await ok(plain, path));
      });
      await fc.assert(property, { numRuns: numRuns(200), seed: seed() });
    });

    it('shows what it has in the way that this version declares, null for the rest, and nothing else', async () => {
      for (const type of served) {
        const { hits } = await ok(service, `/index/${type}?sort=entryId&order=asc&size=20`);
        const { showsBundles } = code.entityTypes[type]?.served ?? {};
        const expected = (documents[type] ?? []).map((document) => {
          const { bundles, ...shown } = shownOf(code, type, document);
          const context = { entityType: type, catalog: 'plants', baseUrl: service.url };
          return { ...context, ...shown, ...(showsBundles ? { bundles } : {}) };
        });
        expect(hits).to.deep.equal(expected);
        const [first] = expected;
        expect(await ok(service, `/index/${type}/${first?.entity_id}`)).to.deep.equal(first);
      }
    });

    it('is paged through in any order, also by fields that it has otherwise', async () => {
      for (const sort of own('sheets').byName.keys()) {
        const whole = idsOf(await ok(service, `/index/sheets?sort=${sort}&order=desc&size=20`));
        const ids: string[] = [];
        let next: string | null = `/index/sheets?sort=${sort}&order=desc&size=5`;
        while (next !== null) {
          const page = await ok(service, next);
          ids.push(...idsOf(page));
          next = page.pagination.next;
        }
        expect(ids, sort).to.deep.equal(whole);
      }
    });
  });
}

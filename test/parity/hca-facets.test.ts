import { expect } from 'chai';
import type { Json } from '../../core/model/metadata.ts';
import { needsShared } from '../rigs/hca/shared.ts';
import { facetsOf } from '../rigs/reference/facets.ts';
import { withFilters } from '../rigs/service/harness.ts';
import { differing, each, fieldsOf, found, type HcaService, lists, startHcaService } from './hca-service.ts';

interface Term {
  readonly term: Json;
  readonly count: number;
}
interface Answer {
  readonly termFacets: Readonly<Record<string, { readonly terms: readonly Term[]; readonly total: number }>>;
  readonly pagination: { readonly total: number };
}

describe('Facets of the sample bundles', function () {
  this.timeout(300_000);
  let service: HcaService;
  before(async function () {
    needsShared(this);
    service = await startHcaService(differing);
  });
  after(() => service?.[Symbol.asyncDispose]());

  const ask = (type: string, filters: unknown): Promise<Answer> =>
    found(service, `/index/${type}${withFilters(filters, { size: '1' })}`);

  /** What a plain count over the documents gives for the same filters, `accessible` aside. */
  function expectCounted(type: string, filters: Record<string, { is: Json[] }>, { termFacets }: Answer): void {
    const { accessible, ...facets } = termFacets;
    const reference = facetsOf(service.documents[type] ?? [], filters, fieldsOf(type));
    expect(facets, `${type} ${JSON.stringify(filters)}`).to.deep.equal(reference);
  }

  for (const { type } of lists) {
    it(`of ${type}: every term counts what a filter by it finds; a facet ignores its own filter and follows all others`, async () => {
      const whole = await ask(type, {});
      expectCounted(type, {}, whole);
      const terms = Object.entries(whole.termFacets).flatMap(([name, { terms }]) =>
        terms.map((term) => ({ name, ...term })),
      );
      expect(terms).to.have.length.above(39);
      await each(terms, async ({ name, term, count }) => {
        const filters = { [name]: { is: [term] } };
        const narrowed = await ask(type, filters);
        const what = `${type} ${JSON.stringify(filters)}`;
        expect(narrowed.termFacets[name], what).to.deep.equal(whole.termFacets[name]);
        expect(narrowed.pagination.total, what).to.equal(count);
        if (name !== 'accessible') expectCounted(type, filters, narrowed);
      });
    });
  }
});

import { expect } from 'chai';
import * as fc from 'fast-check';
import { needsShared } from '../rigs/hca/shared.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { orderedIds } from '../rigs/reference/order.ts';
import { differing, each, fieldsOf, found, type HcaService, lists, startHcaService } from './hca-service.ts';

interface List {
  readonly hits: readonly { readonly entryId: string }[];
  readonly pagination: { readonly next: string | null; readonly previous: string | null };
}

const orders = ['asc', 'desc'] as const;

describe('Sorted lists of the sample bundles', function () {
  this.timeout(300_000);
  let service: HcaService;
  before(async function () {
    needsShared(this);
    service = await startHcaService(differing);
  });
  after(() => service?.[Symbol.asyncDispose]());

  const expectedIds = (type: string, sort: string, order: (typeof orders)[number]): readonly string[] => {
    const field = fieldsOf(type).byName.get(sort);
    if (field === undefined) throw new Error(`${type} has no field ${sort}`);
    return orderedIds(service.documents[type] ?? [], field, order);
  };
  const idsOf = ({ hits }: List): readonly string[] => hits.map(({ entryId }) => entryId);

  for (const { type, maxPage } of lists) {
    it(`of ${type} are in the order of a plain comparison, by every field and both ways`, async () => {
      const sorts = [...fieldsOf(type).byName.keys()].flatMap((sort) => orders.map((order) => ({ sort, order })));
      await each(sorts, async ({ sort, order }) => {
        const list: List = await found(service, `/index/${type}?sort=${sort}&order=${order}&size=${maxPage}`);
        expect(idsOf(list), `${type} by ${sort} ${order}`).to.deep.equal(expectedIds(type, sort, order));
      });
    });
  }

  it('are put together from pages of any size, there and back, each document once', async () => {
    const walk = fc.record({
      list: fc.constantFrom(...lists.filter(({ type }) => type !== 'files')),
      sort: fc.constantFrom(...fieldsOf('files').byName.keys()),
      order: fc.constantFrom(...orders),
      size: fc.integer({ min: 3, max: 40 }),
    });
    const property = fc.asyncProperty(walk, async ({ list: { type }, sort, order, size }) => {
      const page = (url: string): Promise<List> => found(service, url.replace(service.url, ''));
      const pages = [await page(`/index/${type}?sort=${sort}&order=${order}&size=${size}`)];
      for (let next = pages[0]?.pagination.next; next; next = pages.at(-1)?.pagination.next)
        pages.push(await page(next));
      expect(pages.flatMap(idsOf)).to.deep.equal(expectedIds(type, sort, order));
      const back = [pages.at(-1)];
      for (let previous = back[0]?.pagination.previous; previous; previous = back[0]?.pagination.previous) {
        back.unshift(await page(previous));
      }
      expect(back.map((one) => one && idsOf(one))).to.deep.equal(pages.map(idsOf));
    });
    await fc.assert(property, { numRuns: numRuns(200), seed: seed() });
  });
});

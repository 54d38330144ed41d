import { expect } from 'chai';
import { expedition, herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';

const sheets = [
  sheet(1, {
    title: 'Aster',
    weight: 2,
    pressed: true,
    age: [{ value: '3', unit: 'year' }],
    maps: [
      { atlas: 'North', page: '3' },
      { atlas: 'South', page: '1' },
      { atlas: 'South', page: '2' },
    ],
  }),
  sheet(2, { title: 'Aster', weight: 2, pressed: false, age: [{ value: '3', unit: null }, null] }),
  sheet(3, { title: 'Bellis', pressed: null, habitats: ['bog', 'heath', null] }),
  sheet(4, {
    habitats: ['bog'],
    maps: [
      { atlas: 'North', page: '1' },
      { atlas: null, page: '2' },
      { atlas: 'North', page: '3' },
    ],
  }),
  sheet(5, { title: 'x'.repeat(257) }),
];

interface Facet {
  terms: { term: unknown; count: number }[];
  total: number;
}

describe('facets', () => {
  let service: Service;
  before(async () => {
    service = await startService({
      plugin: herbarium,
      documents: { sheets, expeditions: [expedition(1, { country: 'Chile' })] },
    });
  });
  after(() => service[Symbol.asyncDispose]());

  const facets = async (filters: unknown = {}, type = 'sheets'): Promise<Record<string, Facet>> =>
    (await service.get(`/index/${type}${withFilters(filters, { size: '1' })}`)).body.termFacets;

  it('count documents by term, most frequent first, null last', async () => {
    expect(await facets()).to.deep.equal({
      title: {
        terms: [
          { term: 'Aster', count: 2, sheetId: [idOf(1), idOf(2)] },
          { term: 'Bellis', count: 1, sheetId: [idOf(3)] },
          { term: null, count: 2 },
        ],
        total: 5,
        type: 'terms',
      },
      weight: {
        terms: [
          { term: '2', count: 2 },
          { term: null, count: 3 },
        ],
        total: 5,
        type: 'terms',
      },
      pressed: {
        terms: [
          { term: 'false', count: 1 },
          { term: 'true', count: 1 },
          { term: null, count: 3 },
        ],
        total: 5,
        type: 'terms',
      },
      age: {
        terms: [
          { term: { value: '3', unit: null }, count: 1 },
          { term: { value: '3', unit: 'year' }, count: 1 },
          { term: null, count: 4 },
        ],
        total: 5,
        type: 'terms',
      },
      habitat: {
        terms: [
          { term: 'bog', count: 2 },
          { term: 'heath', count: 1 },
          { term: null, count: 4 },
        ],
        total: 5,
        type: 'terms',
      },
      maps: {
        terms: [
          { term: 'North', count: 2 },
          { term: 'South', count: 1 },
          { term: null, count: 4 },
        ],
        total: 5,
        type: 'terms',
      },
      country: { terms: [{ term: null, count: 5 }], total: 5, type: 'terms' },
      log: { terms: [{ term: null, count: 5 }], total: 5, type: 'terms' },
      accessible: { terms: [{ term: 'true', count: 5 }], total: 5, type: 'terms' },
    });
  });

  it('are the same set for every entity type', async () => {
    const [ofSheets, ofExpeditions] = [await facets(), await facets({}, 'expeditions')];
    expect(Object.keys(ofExpeditions).sort()).to.deep.equal(Object.keys(ofSheets).sort());
    expect(ofExpeditions.log).to.deep.equal({ terms: [{ term: null, count: 1 }], total: 1, type: 'terms' });
  });

  it('ignore the filter on their own field and follow all others', async () => {
    const narrowed = await facets({ title: { is: ['Aster'] }, pressed: { is: [true] } });
    expect(narrowed.title).to.deep.equal({
      terms: [{ term: 'Aster', count: 1, sheetId: [idOf(1)] }],
      total: 1,
      type: 'terms',
    });
    expect(narrowed.pressed).to.deep.equal({
      terms: [
        { term: 'false', count: 1 },
        { term: 'true', count: 1 },
      ],
      total: 2,
      type: 'terms',
    });
    expect(narrowed.weight).to.deep.equal({ terms: [{ term: '2', count: 1 }], total: 1, type: 'terms' });
  });

  it('are empty where nothing matches, their own filter aside', async () => {
    const empty = await facets({ title: { is: [] } });
    expect(empty.title?.total).to.equal(5);
    expect(empty.weight).to.deep.equal({ terms: [], total: 0, type: 'terms' });
    expect(empty.accessible).to.deep.equal({ terms: [], total: 0, type: 'terms' });
  });

  it('have terms that can be sent back as filters, with the same count', async () => {
    for (const [name, { terms }] of Object.entries(await facets())) {
      for (const { term, count } of terms) {
        if (name === 'accessible') continue;
        const { body } = await service.get(`/index/sheets${withFilters({ [name]: { is: [term] } })}`);
        expect(body.pagination?.total, `${name} ${JSON.stringify(term)}`).to.equal(count);
      }
    }
  });
});

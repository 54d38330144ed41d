import { expect } from 'chai';
import * as fc from 'fast-check';
import { readAlias } from '../../core/documents/index-layout.ts';
import type { Document } from '../../core/model/metadata.ts';
import { sourceIdPath } from '../../query/fields/envelope.ts';
import { toQuery } from '../../query/filter/opensearch.ts';
import { engines } from '../rigs/engines.ts';
import { expedition, herbarium, sheet } from '../rigs/models/herbarium.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { summaryOf } from '../rigs/reference/summary.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';

const sources = ['a', 'aa', 'b', 'é', 'z'];
const combinations = [
  ['a'],
  ['aa'],
  ['b'],
  ['é'],
  ['z'],
  ['a', 'b'],
  ['aa', 'z'],
  ['a', 'aa', 'b'],
  ['b', 'é', 'z'],
  sources,
];
const documents = {
  sheets: combinations.map((of, i) => sheet(i + 1, { title: `t${i % 3}` }, of)),
  expeditions: combinations.map((of, i) => expedition(i + 101, { country: `c${i % 2}` }, of)),
  drawers: [],
};

const idsOf = (found: readonly Document[]) => found.map(({ entity_id }) => entity_id).sort();

describe('access control', () => {
  let service: Service;
  let seen: readonly string[] | Error = [];
  before(async () => {
    service = await startService({
      plugin: herbarium,
      documents,
      sees: () => {
        if (seen instanceof Error) throw seen;
        return seen;
      },
    });
  });
  after(() => service[Symbol.asyncDispose]());

  const list = async (type: string, filters: unknown = {}) =>
    (await service.get(`/index/${type}${withFilters(filters, { size: '20', sort: 'entryId' })}`)).body;
  const ids = (body: { hits: Document[] }) => idsOf(body.hits);
  const visible = (all: readonly Document[]) =>
    all.filter((document) => document.sources.every(({ id }) => seen instanceof Error || seen.includes(id)));
  const counts = (body: { termFacets: Record<string, { terms: { term: string; count: number }[] }> }, facet: string) =>
    Object.fromEntries(body.termFacets[facet]?.terms.map(({ term, count }) => [term, count]) ?? []);

  it('is understood by the engine however many sources a caller may see', async () => {
    const many = Array.from({ length: 70_000 }, (_, i) => `m${i}`);
    const query = toQuery({ kind: 'only', path: sourceIdPath, values: ['a', 'z', 'b', ...many] });
    const index = readAlias(service.deployment, 'plants', 'sheets');
    const answer = await fetch(`${await engines.opensearch()}/${index}/_search`, {
      ...{ method: 'POST', headers: { 'Content-Type': 'application/json' } },
      body: JSON.stringify({ query, size: 20 }),
    });
    const { hits } = (await answer.json()) as { hits: { hits: { _id: string }[] } };
    seen = ['a', 'z', 'b'];
    expect(hits.hits.map(({ _id }) => _id).sort()).to.deep.equal(idsOf(visible(documents.sheets)));
  });

  it('shows a document to those who may see all its sources, whatever the visibility', async () => {
    const property = fc.asyncProperty(fc.subarray(sources), fc.subarray(sources), async (may, asked) => {
      seen = may;
      const shown = visible(documents.sheets);
      const all = await list('sheets');
      expect(ids(all)).to.deep.equal(idsOf(shown));
      expect(all.pagination.total).to.equal(shown.length);
      expect(counts(all, 'accessible')).to.deep.equal(shown.length === 0 ? {} : { true: shown.length });
      expect(Object.values<number>(counts(all, 'title')).reduce((sum, count) => sum + count, 0)).to.equal(shown.length);
      for (const { entity_id } of documents.sheets) {
        const { status } = await service.get(`/index/sheets/${entity_id}`);
        expect(status).to.equal(idsOf(shown).includes(entity_id) ? 200 : 404);
      }
      const of = shown.filter((document) => document.sources.some(({ id }) => asked.includes(id)));
      const answer = await service.get(`/index/sheets${withFilters({ sourceId: { is: asked } }, { size: '20' })}`);
      if (asked.every((id) => may.includes(id))) expect(ids(answer.body)).to.deep.equal(idsOf(of));
      else expect(answer).to.deep.include({ status: 403 });
    });
    await fc.assert(property, { numRuns: numRuns(200), seed: seed() });
  });

  it('shows public documents to all, and tells which are accessible', async () => {
    const property = fc.asyncProperty(fc.subarray(sources), fc.subarray(sources), async (may, asked) => {
      seen = may;
      const all = documents.expeditions;
      const of = (found: readonly Document[]) =>
        found.filter((document) => document.sources.some(({ id }) => asked.includes(id)));
      const [can, cannot] = [visible(all), all.filter((document) => !visible(all).includes(document))];
      const body = await list('expeditions');
      expect(ids(body)).to.deep.equal(idsOf(all));
      const expected = {
        ...(can.length > 0 && { true: can.length }),
        ...(cannot.length > 0 && { false: cannot.length }),
      };
      expect(counts(body, 'accessible')).to.deep.equal(expected);
      const accessible = (is: unknown[]) => ({ accessible: { is } });
      expect(ids(await list('expeditions', accessible([true])))).to.deep.equal(idsOf(can));
      expect(ids(await list('expeditions', accessible(['false'])))).to.deep.equal(idsOf(cannot));
      expect(ids(await list('expeditions', accessible([])))).to.deep.equal([]);
      const sourceId = { is: asked };
      expect(ids(await list('expeditions', { sourceId }))).to.deep.equal(idsOf(of(all)));
      expect(ids(await list('expeditions', { sourceId, ...accessible([true]) }))).to.deep.equal(idsOf(of(can)));
      expect(ids(await list('expeditions', { sourceId, ...accessible([false]) }))).to.deep.equal(idsOf(of(cannot)));
      expect(counts(await list('expeditions', accessible([true])), 'accessible')).to.deep.equal(expected);
    });
    await fc.assert(property, { numRuns: numRuns(100), seed: seed() });
  });

  it('counts in the summary what the caller may see, of every type', async () => {
    const property = fc.asyncProperty(fc.subarray(sources), fc.subarray(sources), async (may, asked) => {
      seen = may;
      const shown = { sheets: visible(documents.sheets), expeditions: visible(documents.expeditions) };
      const of = (found: readonly Document[]) =>
        found.filter((document) => document.sources.some(({ id }) => asked.includes(id)));
      expect((await service.get('/index/summary')).body).to.deep.equal(summaryOf(herbarium, shown));
      const { status, body } = await service.get(`/index/summary${withFilters({ sourceId: { is: asked } })}`);
      const refused = asked.some((id) => !may.includes(id));
      expect(status).to.equal(refused ? 403 : 200);
      const narrowed = { sheets: of(shown.sheets), expeditions: of(shown.expeditions) };
      if (!refused) expect(body).to.deep.equal(summaryOf(herbarium, narrowed));
      const none = await service.get(`/index/summary${withFilters({ accessible: { is: [false] } })}`);
      expect(none.body).to.deep.equal(summaryOf(herbarium, {}));
    });
    await fc.assert(property, { numRuns: numRuns(100), seed: seed() });
  });

  it('shows nothing of limited types that is filtered as inaccessible', async () => {
    seen = ['a', 'b'];
    expect((await list('sheets', { accessible: { is: [false] } })).pagination.total).to.equal(0);
    expect((await list('sheets', { accessible: { is: [true] } })).pagination.total).to.equal(3);
  });

  it('does not list sources that the caller may not see', async () => {
    seen = ['b'];
    const { body } = await service.get('/repository/sources');
    expect(body).to.deep.equal({ sources: [{ sourceId: 'b', sourceSpec: 'herbarium:b:' }] });
  });

  it('copes with more sources than a search has clauses', async () => {
    seen = ['a', 'b', ...Array.from({ length: 3000 }, (_, i) => `source ${i}`)];
    expect(ids(await list('sheets'))).to.deep.equal(idsOf(visible(documents.sheets)));
  });

  it('fails closed where nobody can tell', async () => {
    seen = new Error('the repository is down');
    const { status, body, headers } = await service.get('/index/sheets');
    expect({ status, code: body.Code }).to.deep.equal({ status: 503, code: 'ServiceUnavailableError' });
    expect(headers.get('Retry-After')).to.match(/^\d+$/);
    seen = [];
  });
});

import { expect } from 'chai';
import * as fc from 'fast-check';
import { printed } from '../../core/http/printed.ts';
import { connect, type SearchEngine, type SearchResult } from '../../query/opensearch.ts';
import type { PrintedFacets } from '../../query/search/facet-answers.ts';
import { FacetCache, type Lookup, type SearchedCopies } from '../../query/search/facet-cache.ts';
import type { FacetSearch } from '../../query/search/facets.ts';
import { Serving } from '../../query/search/serving.ts';
import { engines } from '../rigs/engines.ts';
import { herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { startService, withFilters } from '../rigs/service/harness.ts';
import { until } from '../rigs/until.ts';
import { indexOf, Scene, step } from './changing-scene.ts';

const plants: SearchedCopies = { index: { name: 'plants', uuid: 'u', layout: null }, preference: 'some' };

/** Of somebody who waits for as long as it takes. */
const { signal: patient } = new AbortController();

/** The facet `accessible` alone. */
const search: FacetSearch = { fields: [], accessible: true, body: printed({}), wider: () => printed({}) };

/** A cache whose searches are answered by hand, with a number of documents that is the last write, too. */
function slowFacets(maxBytes = 10_000, sharedMillis = 60_000) {
  const answers: ((documents: number) => void)[] = [];
  const signals: AbortSignal[] = [];
  const engine = {
    search: (_searches: unknown, signal: AbortSignal) =>
      new Promise<readonly SearchResult[]>((resolve) => {
        signals.push(signal);
        answers.push((total) => {
          const state = { written: { count: 1, max: total, sum: total } };
          resolve([{ total, hits: [], aggregations: { visible: { doc_count: total }, state } }]);
        });
      }),
  };
  return { facets: new FacetCache(engine, { maxBytes, sharedMillis }), answers, signals };
}

const totalOf = ({ bytes }: PrintedFacets): unknown => JSON.parse(bytes.toString()).accessible.total;

describe('facets that are remembered', () => {
  let engine: SearchEngine;
  const lookups: Record<Lookup, number> = { remembered: 0, joined: 0, sent: 0 };
  before(async () => {
    engine = connect(await engines.opensearch());
  });
  after(() => engine.close());

  let millis = 0;
  /** What is remembered for a second is forgotten. */
  const aSecondGoesBy = (): void => {
    millis += 1001;
  };
  const serve = (facets: FacetCache) =>
    startService({
      plugin: herbarium,
      sees: ({ subject }) => (subject ?? '').split(' '),
      deps: { engine: open(engine), facets, serving: new Serving(engine, { now: () => millis }) },
    });

  it('are neither stale nor those of somebody else, whatever is written and whoever asks', async function () {
    this.timeout(600_000);
    const facets = new FacetCache(engine, { maxBytes: 1_000_000, onLookup: (lookup) => lookups[lookup]++ });
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 20 }), async (steps) => {
      await using service = await serve(facets);
      const scene = new Scene(service, aSecondGoesBy);
      await scene.index.swap([]);
      for (const next of steps) await scene.take(next);
    });
    await fc.assert(property, { numRuns: numRuns(100), seed: seed() });
    expect(lookups.remembered, 'answers from memory').to.be.above(0);
  });

  it('are those of the index that serves, though another one had its name and as many writes', async () => {
    await using service = await serve(new FacetCache(engine, { maxBytes: 1_000_000 }));
    const index = indexOf(service);
    const ask = async () => (await service.get('/index/sheets', { Authorization: 'a' })).body.termFacets.title.terms;
    for (const [title, again] of [
      ['t0', false],
      ['t1', true],
      ['t2', true],
      ['t3', false],
    ] as const) {
      await index.swap([sheet(1, { title })], again);
      aSecondGoesBy();
      expect(await ask()).to.deep.equal([{ term: title, count: 1, sheetId: [idOf(1)] }]);
    }
  });

  it('are not those of a search that began before the writes that the caller could see', async () => {
    const { facets, answers } = slowFacets();
    const early = facets.facets(plants, [search], Promise.resolve('1 0 0'), patient);
    const late = facets.facets(plants, [search], Promise.resolve('1 1 1'), patient);
    expect(answers).to.have.length(1);
    answers[0]?.(0);
    expect(totalOf(await early)).to.equal(0);
    while (answers.length < 2) await new Promise(setImmediate);
    answers[1]?.(1);
    expect(totalOf(await late)).to.equal(1);
    const same = await facets.facets(plants, [search], Promise.resolve('1 1 1'), patient);
    expect([totalOf(same), answers.length]).to.deep.equal([1, 2]);
  });

  it('are asked for once by who waits for the page longer, even where nothing is remembered', async () => {
    const { facets, answers } = slowFacets(0);
    const page = Promise.withResolvers<string>();
    const asked = facets.facets(plants, [search], page.promise, patient);
    answers[0]?.(3);
    await new Promise(setImmediate);
    page.resolve('1 3 3');
    await new Promise(setImmediate);
    expect(answers).to.have.length(1);
    expect(totalOf(await asked)).to.equal(3);
  });

  it('are asked for by each who would have to wait for somebody else too long', async () => {
    const { facets, answers } = slowFacets(10_000, 20);
    const state = Promise.resolve('1 1 1');
    const stalled = facets.facets(plants, [search], state, patient);
    const others = [1, 2].map(() => facets.facets(plants, [search], state, patient));
    await until(() => answers.length === 2);
    answers[1]?.(1);
    expect((await Promise.all(others)).map(totalOf)).to.deep.equal([1, 1]);
    const late = facets.facets(plants, [search], state, patient);
    expect(totalOf(await late)).to.equal(1);
    answers[0]?.(1);
    expect([totalOf(await stalled), answers.length]).to.deep.equal([1, 2]);
  });

  it('are shared while they are asked for by those only who read the same copies', async () => {
    const { facets, answers } = slowFacets();
    const state = Promise.resolve('1 1 1');
    const asked = ['one', 'other', 'one'].map((preference) =>
      facets.facets({ ...plants, preference }, [search], state, patient),
    );
    expect(answers).to.have.length(2);
    answers[1]?.(1);
    answers[0]?.(1);
    expect((await Promise.all(asked)).map(totalOf)).to.deep.equal([1, 1, 1]);
    const remembered = await facets.facets({ ...plants, preference: 'third' }, [search], state, patient);
    expect([totalOf(remembered), answers.length]).to.deep.equal([1, 2]);
  });

  it('are given up when nobody waits for them any more, and asked for anew by the next one', async () => {
    const { facets, answers, signals } = slowFacets();
    const state = Promise.resolve('1 1 1');
    const callers = [1, 2].map(() => new AbortController());
    for (const { signal } of callers) facets.facets(plants, [search], state, signal).catch(() => {});
    await new Promise(setImmediate);
    const isGivenUp = () => signals.map(({ aborted }) => aborted);
    callers[0]?.abort();
    expect(isGivenUp()).to.deep.equal([false]);
    callers[1]?.abort();
    expect(isGivenUp()).to.deep.equal([true]);
    const next = facets.facets(plants, [search], state, patient);
    expect(isGivenUp()).to.deep.equal([true, false]);
    answers[1]?.(1);
    expect(totalOf(await next)).to.equal(1);
  });

  it('are asked for again after a failure, of which everyone is told who waited', async () => {
    let broken = true;
    const failing: SearchEngine = {
      ...engine,
      search: (...asked) => (broken ? Promise.reject(new Error('out of order')) : engine.search(...asked)),
    };
    const facets = new FacetCache(failing, { maxBytes: 1_000_000 });
    const asked = [1, 2].map(() => facets.facets(plants, [search], Promise.resolve('1 0 0'), patient));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    broken = false;
    await using service = await serve(facets);
    await indexOf(service).swap([sheet(1, { title: 't0' })]);
    expect((await service.get('/index/sheets', { Authorization: 'a' })).body.termFacets.title.total).to.equal(1);
  });

  it('are asked for once by those who ask the same at the same time', async () => {
    const found: Lookup[] = [];
    const facets = new FacetCache(engine, { maxBytes: 1_000_000, onLookup: (lookup) => found.push(lookup) });
    await using service = await serve(facets);
    const index = indexOf(service);
    await index.swap([sheet(1, { title: 't0' })]);
    const ask = () => service.get('/index/sheets', { Authorization: 'a' });
    const bodies = await Promise.all(Array.from({ length: 20 }, ask));
    expect(new Set(bodies.map(({ body }) => JSON.stringify(body.termFacets))).size).to.equal(1);
    expect(found.filter((lookup) => lookup === 'sent')).to.have.length(1);
    await ask();
    expect(found.at(-1)).to.equal('remembered');
  });

  it('take no more memory than they may', async () => {
    const facets = new FacetCache(engine, { maxBytes: 20_000 });
    await using service = await serve(facets);
    const index = indexOf(service);
    await index.swap([sheet(1, { title: 't0' })]);
    for (let i = 0; i < 60; i++) {
      await service.get(`/index/sheets${withFilters({ title: { is: [`t${i}`] } })}`, { Authorization: 'a' });
      expect(facets.size.bytes).to.be.at.most(20_000);
    }
    expect(facets.size.answers).to.be.above(0);
  });
});

/** The same engine, which outlives the services that use it. */
const open = (engine: SearchEngine): SearchEngine => ({ ...engine, close: async () => {} });

import { expect } from 'chai';
import { connect } from '../../query/opensearch.ts';
import { FacetCache } from '../../query/search/facet-cache.ts';
import { Serving } from '../../query/search/serving.ts';
import { engines } from '../rigs/engines.ts';
import { type Alteration, AlteringProxy } from '../rigs/http/altering-proxy.ts';
import { altered, type Body, instead, ofNobody, refused } from '../rigs/http/untrue.ts';
import { expedition, herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { until } from '../rigs/until.ts';

const documents = {
  sheets: [1, 2, 3].map((i) => sheet(i, { title: `t${i}` })),
  expeditions: [expedition(9, { country: 'Peru' })],
  drawers: [],
};

const inEach = (alter: (response: Body) => void) =>
  altered(({ responses }) => {
    for (const response of responses) alter(response);
  });
const inEachIndex = (alter: (index: Body) => void) =>
  altered((body) => {
    for (const index of Object.values(body)) alter(index);
  });
const inHits = (alter: (hits: Body[]) => void) => inEach(({ hits: { hits } }) => alter(hits));
const inEachHit = (alter: (hit: Body) => void) =>
  inHits((hits) => {
    for (const hit of hits) alter(hit);
  });
const refusedEach = (status: number, type: string) =>
  altered((body) => {
    body.responses = body.responses.map(() => ({ error: { type }, status }));
  });

/** Whatever was asked. */
const toAny: Readonly<Record<string, Alteration>> = {
  ...ofNobody,
  'lets nobody in, as JSON': refused(401, 'security_exception'),
  'is of a proxy that finds the request wrong': instead(400, '<!doctype html>'),
  'tells of overload': refused(429, 'circuit_breaking_exception'),
};

const toSearches: Readonly<Record<string, Alteration>> = {
  ...toAny,
  'has fewer results than searches': altered(({ responses }) => responses.pop()),
  'has more results than searches': altered(({ responses }) => responses.push(responses[0])),
  'is of other shards only': inEach((one) => Object.assign(one._shards, { successful: 0, failed: 1 })),
  'lacks shards without saying that they failed': inEach((one) => Object.assign(one._shards, { successful: 0 })),
  'was cut short by time': inEach((one) => Object.assign(one, { timed_out: true })),
  'was cut short by a limit': inEach((one) => Object.assign(one, { terminated_early: true })),
  'has a total that is no more than a bound': inEach(({ hits }) => Object.assign(hits.total, { relation: 'gte' })),
  'has no total': inEach(({ hits }) => delete hits.total),
  'tells of a block': refusedEach(403, 'cluster_block_exception'),
  'tells of overload in its parts': refusedEach(429, 'rejected_execution_exception'),
  'has parts that are null': altered((body) => {
    body.responses = body.responses.map(() => null);
  }),
};

const toLists: Readonly<Record<string, Alteration>> = {
  'has fewer hits than there are': inHits((hits) => hits.pop()),
  'has more hits than were asked for': inHits((hits) => hits.push(...hits, ...hits)),
  'has hits without documents': inEachHit((hit) => delete hit._source),
  'has hits without their places': inEachHit((hit) => delete hit.sort),
  'has no facets': inEach((one) => delete one.aggregations),
  'has facets of another shape': inEach(({ aggregations = {} }) => {
    for (const name of Object.keys(aggregations)) if (name !== 'written') aggregations[name] = { value: 1 };
  }),
};

const toWhichServes: Readonly<Record<string, Alteration>> = {
  ...toAny,
  'lacks an index': altered((body) => delete body[Object.keys(body)[0] ?? '']),
  'is of another index': altered((body) => {
    body.lazuli_other_plants_sheets_g1 = Object.values(body)[0];
  }),
  'has no settings': inEachIndex((index) => delete index.settings),
  'has empty settings': inEachIndex((index) => Object.assign(index, { settings: {} })),
};

const list = '/index/sheets?size=2';
const entity = `/index/sheets/${idOf(1)}`;
const summary = '/index/summary';

describe('An answer of OpenSearch that is none', () => {
  let proxy: AlteringProxy;
  let service: Service;
  let url: string;
  let millis = 0;
  before(async () => {
    proxy = new AlteringProxy(await engines.opensearch());
    url = await proxy.start();
    const engine = connect(url);
    const facets = new FacetCache(engine, { maxBytes: 0 });
    const serving = new Serving(engine, { now: () => millis });
    service = await startService({
      plugin: herbarium,
      documents,
      opensearchUrl: url,
      deps: { engine, facets, serving },
    });
  });
  afterEach(() => {
    proxy.clear();
    millis += 1001;
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  const questions = (kind: RegExp) => proxy.asked.filter((one) => kind.test(one)).length;

  async function expectUnavailable(path: string, of: Service = service): Promise<void> {
    const { status, headers, body } = await of.get(path);
    expect([status, body.Code, headers.get('Retry-After')], path).to.deep.equal([503, 'ServiceUnavailableError', '5']);
    expect(headers.get('Access-Control-Allow-Origin')).to.equal('*');
  }

  /** A machine that has much else to do may take longer than the time limit. */
  async function expectAnswers(of: Service): Promise<void> {
    for (const path of [list, entity, summary]) await until(async () => (await of.get(path)).status === 200);
  }

  it('can be told from those that are', async () => {
    await expectAnswers(service);
  });

  for (const [name, alter] of Object.entries(toSearches)) {
    it(`to a search, as it ${name}, is told as 503, and asked for once`, async () => {
      proxy.alter(/_msearch/, alter);
      await expectUnavailable(list);
      expect([questions(/msearch/), questions(/GET/)], 'page and facets, which serves').to.deep.equal([2, 1]);
      for (const path of [entity, summary]) await expectUnavailable(path);
      expect([questions(/msearch/), questions(/GET/)]).to.deep.equal([4, 1]);
    });
  }

  for (const [name, alter] of Object.entries(toLists)) {
    it(`to a list, as it ${name}, is told as 503`, async () => {
      proxy.alter(/_msearch/, alter);
      await expectUnavailable(list);
    });
  }

  for (const [name, alter] of Object.entries(toWhichServes)) {
    it(`to which index serves, as it ${name}, is told as 503, and not remembered`, async () => {
      proxy.alter(/^\/lazuli/, alter);
      for (const path of [list, entity, summary]) await expectUnavailable(path);
      expect([questions(/msearch/), questions(/GET/)]).to.deep.equal([0, 3]);
      proxy.clear();
      for (const path of [list, entity, summary]) expect((await service.get(path)).status).to.equal(200);
    });
  }

  it('is one that says that a list is empty, which is asked for once', async () => {
    const nothing = encodeURIComponent(JSON.stringify({ title: { is: ['none'] } }));
    const { status, body } = await service.get(`/index/sheets?filters=${nothing}`);
    expect([status, body.hits, questions(/msearch/), questions(/GET/)]).to.deep.equal([200, [], 2, 1]);
  });

  it('is one that says that no index serves', async () => {
    await using empty = await startService({ plugin: herbarium, opensearchUrl: url });
    for (const path of [list, entity, summary]) expect((await empty.get(path)).status, path).to.equal(404);
  });

  it('is told as 503 where an index is blocked, and no more when it is not', async () => {
    const block = async (blocks: object) => {
      const index = `${url}/lazuli_${service.deployment}_plants_sheets_g1`;
      const headers = { 'Content-Type': 'application/json' };
      const sent = await fetch(`${index}/_settings`, { method: 'PUT', headers, body: JSON.stringify(blocks) });
      expect(sent.status).to.equal(200);
    };
    for (const kind of ['read', 'metadata']) {
      await block({ [`index.blocks.${kind}`]: true });
      millis += 1001;
      for (const path of [list, entity, summary]) await expectUnavailable(path);
      await block({ [`index.blocks.${kind}`]: null });
    }
    for (const path of [list, entity, summary]) expect((await service.get(path)).status).to.equal(200);
  });

  for (const [what, path] of [
    ['a search', /_msearch/],
    ['which index serves', /^\/lazuli/],
  ] as const) {
    it(`to ${what}, as it stalls, is told as 503 in time, and nobody waits for it longer`, async () => {
      const engine = connect(url, { searchMillis: 500, pingMillis: 500 });
      await using impatient = await startService({
        plugin: herbarium,
        documents,
        opensearchUrl: url,
        deps: { engine },
      });
      proxy.alter(path, (answer) => ({ ...answer, stalls: true }));
      const started = performance.now();
      await Promise.all([list, list, entity, summary, summary].map((one) => expectUnavailable(one, impatient)));
      expect(performance.now() - started).to.be.below(12_000);
      proxy.clear();
      await expectAnswers(impatient);
    });
  }
});

import { expect } from 'chai';
import { Registry } from 'prom-client';
import { otherLayoutCounter } from '../../query/metrics.ts';
import { connect } from '../../query/opensearch.ts';
import { Serving } from '../../query/search/serving.ts';
import { engines } from '../rigs/engines.ts';
import {
  type Documents,
  formerDocuments,
  formerHerbarium,
  presentDocuments,
  presentHerbarium,
} from '../rigs/models/former-herbarium.ts';
import { idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';
import { Readers } from '../rigs/service/readers.ts';
import { until } from '../rigs/until.ts';
import { asOfForm3, Generations } from './generations.ts';

const perSecond = 120;

describe('While indices are exchanged for those of another version of the plug-in', function () {
  this.timeout(120_000);
  let service: Service;
  let generations: Generations;
  let former: number;
  let present: number;
  let millis = 0;
  const now = (): number => millis;
  /** What the service remembers of the one before is forgotten. */
  const serve = async (generation: number, of = generations): Promise<void> => {
    await of.serve(generation);
    millis += 1001;
  };
  beforeEach(async () => {
    service = await startService({ plugin: presentHerbarium, now });
    generations = new Generations(service.deployment);
    former = await generations.add(formerHerbarium, formerDocuments);
    present = await generations.add(presentHerbarium, presentDocuments);
    await serve(former);
  });
  afterEach(() => service[Symbol.asyncDispose]());

  const get = async (path: string) => {
    const { status, body } = await service.get(path.replace(service.url, ''));
    return { status, message: body.Message, ids: body.hits?.map((hit: { entity_id: string }) => hit.entity_id), body };
  };
  const nextOf = async (sort: string) => {
    const { body } = await get(`/index/sheets?sort=${sort}&size=5`);
    return body.pagination.next as string;
  };

  it('pages go on where both have the field, and are refused where they have it otherwise', async () => {
    const places = await Promise.all(['title', 'entryId', 'bytes', 'pressed', 'numbers'].map(nextOf));
    await serve(present);
    const whole = async (sort: string) => (await get(`/index/sheets?sort=${sort}&size=20`)).ids;
    const [title, id, ...others] = await Promise.all(places.map(get));
    expect(title?.ids).to.deep.equal((await whole('title')).slice(5, 10));
    expect(id?.ids).to.deep.equal((await whole('entryId')).slice(5, 10));
    expect(others.map(({ status }) => status)).to.deep.equal([400, 400, 400]);
    expect(others[0]?.message).to.equal(
      'Invalid value for parameter `search_after`: the order of lists sorted by `bytes` is another one now. Begin with the first page.',
    );
    const back = await Promise.all(['bytes', 'pressed', 'numbers'].map(nextOf));
    await serve(former);
    expect((await Promise.all(back.map(get))).map(({ status }) => status)).to.deep.equal([400, 400, 400]);
  });

  it('an entity type that only one of them has is not there in the other, and counted as none', async () => {
    const { drawers: _, ...withoutExpeditions } = presentHerbarium.entityTypes;
    const { expeditions: _2, ...entityTypes } = withoutExpeditions;
    const small = { ...presentHerbarium, version: 1, entityTypes };
    await serve(await generations.add(small, presentDocuments));
    expect((await get('/index/expeditions')).status).to.equal(404);
    const { body } = await get('/index/summary');
    expect([body.sheets, body.expeditions, body.countries]).to.deep.equal([12, { count: 0, nothing: null }, []]);
    await serve(present);
    expect((await get('/index/expeditions')).ids).to.have.length(5);
    expect((await get('/index/summary')).body.expeditions).to.deep.equal({ count: 5, nothing: null });
  });

  it('an index of the form before this one answers alike, but that it finds no text of more than 256 characters', async () => {
    const title = 'x'.repeat(257);
    const documents: Documents = {
      ...presentDocuments,
      sheets: [...(presentDocuments.sheets ?? []), sheet(13, { title }), sheet(14, { title: 'y' })],
    };
    const formerForm = await generations.add(presentHerbarium, documents, asOfForm3);
    const ask = async () => {
      const found = await get(`/index/sheets${withFilters({ title: { is: [title] } })}`);
      const sorted = await get('/index/sheets?sort=title&size=20');
      const { body } = await get('/index/sheets?sort=bytes&size=20');
      return { found: found.ids, place: sorted.ids.indexOf(idOf(13)), facets: body.termFacets, hits: body.hits };
    };
    await serve(formerForm);
    const before = await ask();
    await serve(await generations.add(presentHerbarium, documents));
    const { found, place, ...alike } = await ask();
    expect(before).to.deep.equal({ ...alike, found: [], place: before.facets.title.total - 1 });
    expect([found, place]).to.deep.equal([[idOf(13)], before.place - 5]);
  });

  it('one that can not be read is refused, until one serves that can', async () => {
    const unknown: readonly ((declared: object) => unknown)[] = [
      (declared) => ({ ...declared, layout: 6 }),
      (declared) => ({ ...declared, layout: 2 }),
      (declared) => ({ ...declared, plugin: 'another' }),
      () => ({}),
      (declared) => ({ ...declared, fields: null }),
    ];
    for (const meta of unknown) {
      await serve(await generations.add(presentHerbarium, presentDocuments, meta));
      for (const path of ['/index/sheets', `/index/sheets/${idOf(1)}`, '/index/summary']) {
        const { status, headers, body } = await service.get(path);
        expect([status, body.Code], path).to.deep.equal([503, 'ServiceUnavailableError']);
        expect(body.Message).to.match(/^This version of the service can't read the index of \w+\. Try again later: /);
        expect(headers.get('Retry-After')).to.equal('5');
      }
      await serve(present);
      expect((await get('/index/sheets')).status).to.equal(200);
    }
  });

  it('an index that is gone before that is noticed is not missed: another one serves', async () => {
    const paths = ['/index/sheets', `/index/sheets/${idOf(1)}`, '/index/summary'];
    const answers = async () => Promise.all(paths.map(async (path) => JSON.stringify((await get(path)).body)));
    await serve(present);
    const expected = await answers();
    await serve(former);
    const before = await answers();
    await generations.serve(present);
    await generations.delete(former);
    expect(await answers()).to.deep.equal(expected);
    expect(before).not.to.deep.equal(expected);
    await generations.delete(present);
    for (const path of paths) expect((await get(path)).status, path).to.equal(404);
  });

  it('requests on indices of another version are counted, and those that are refused', async () => {
    const engine = connect(await engines.opensearch());
    const metrics = new Registry();
    const serving = new Serving(engine, { onOther: otherLayoutCounter(metrics), now });
    await using counting = await startService({ plugin: presentHerbarium, deps: { engine, serving } });
    const own = new Generations(counting.deployment);
    const counts = async () => {
      const { values } = (await metrics.getSingleMetric('lazuli_other_layout_requests_total')?.get()) ?? { values: [] };
      return Object.fromEntries(values.map(({ labels, value }) => [labels.outcome, value]));
    };
    await serve(await own.add(presentHerbarium, presentDocuments), own);
    await counting.get('/index/sheets');
    expect(await counts()).to.deep.equal({});
    await serve(await own.add(formerHerbarium, formerDocuments), own);
    for (const path of ['/index/sheets', '/index/sheets', '/index/summary']) await counting.get(path);
    expect(await counts()).to.deep.equal({ read: 3 });
    await serve(await own.add(presentHerbarium, presentDocuments, () => ({})), own);
    await counting.get('/index/sheets');
    expect(await counts()).to.deep.equal({ read: 3, refused: 1 });
  });

  for (const code of [presentHerbarium, formerHerbarium]) {
    it(`readers see no error, and in each answer one generation, with version ${code.version} of the code`, async () => {
      await using read = await startService({ plugin: code });
      const own = new Generations(read.deployment);
      const numbers = {
        former: await own.add(formerHerbarium, formerDocuments),
        present: await own.add(presentHerbarium, presentDocuments),
      };
      await own.serve(numbers.former);
      const before = await answersOf(read);
      await own.serve(numbers.present);
      let after = before;
      await until(async () => {
        after = await answersOf(read);
        return [...before].every(([path, text]) => after.get(path) !== text);
      });
      const readings = [...before].map(([path, text]) => ({
        path,
        answer: (which: string) => (which === 'former' ? text : (after.get(path) ?? '')),
      }));
      expect(readings.filter(({ answer }) => answer('former') === answer('present'))).to.deep.equal([]);
      const readers = new Readers(read.url, readings, 'present', perSecond);
      for (let i = 0; i < 3; i++) {
        await readers.while(() => own.serve(numbers.former), 'former');
        await readers.while(() => own.serve(numbers.present), 'present');
      }
      await readers.end();
      expect(readers.wrong).to.deep.equal([]);
    });
  }
});

const readerPaths = [
  '/index/sheets?size=5',
  '/index/sheets?size=3&sort=age&order=desc',
  `/index/sheets${withFilters({ habitat: { is: ['bog'] }, country: { is: [null] } }, { sort: 'title' })}`,
  '/index/expeditions',
  `/index/sheets/${idOf(2)}`,
  '/index/summary',
];

/** Answers as they are sent, by path: also the second page of a list. */
async function answersOf({ url }: Service): Promise<ReadonlyMap<string, string>> {
  const text = async (path: string) => {
    const response = await fetch(url + path, { headers: { 'Accept-Encoding': 'identity' } });
    const body = await response.text();
    expect(response.status, body).to.equal(200);
    return [path, body] as const;
  };
  const answers = await Promise.all(readerPaths.map(text));
  const { next } = JSON.parse(answers[0]?.[1] ?? '').pagination;
  return new Map([...answers, await text(next.slice(url.length))]);
}

import { expect } from 'chai';
import * as fc from 'fast-check';
import { herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';

/** Values repeat, are null or are not there, so that pages break in between. */
const sheets = Array.from({ length: 13 }, (_, i) =>
  sheet(i + 1, {
    ...(i % 3 === 0
      ? {}
      : { title: i % 3 === 1 ? null : `Title ${i % 2}`, habitats: [`h${(i * 7) % 5}`, `h${i % 4}`] }),
    ...(i % 4 === 0 ? {} : { bytes: i % 5, weight: (i % 3) / 2, pressed: i % 2 === 0 }),
    altitude: [[i, i + 1]],
    ...(i % 2 === 0 ? {} : { numbers: [{ register: `r${i % 3}`, number: '1' }] }),
  }),
);

const sorts = [
  'entryId',
  'title',
  'habitat',
  'bytes',
  'weight',
  'pressed',
  'collected',
  'age',
  'altitude',
  'numbers',
  'log',
  'maps',
  'sourceId',
  'bundleVersion',
];

describe('paging', () => {
  let service: Service;
  before(async () => {
    service = await startService({ plugin: herbarium, documents: { sheets } });
  });
  after(() => service[Symbol.asyncDispose]());

  const page = async (path: string) => {
    const { status, body } = await service.get(path.replace(service.url, ''));
    expect(status, JSON.stringify(body).slice(0, 300)).to.equal(200);
    return { ids: body.hits.map((hit: { entity_id: string }) => hit.entity_id) as string[], ...body.pagination };
  };

  it('puts pages together to the whole list, once each, there and back', async () => {
    const whole = new Map<string, string[]>();
    for (const sort of sorts) {
      for (const order of ['asc', 'desc']) {
        whole.set(`${sort} ${order}`, (await page(`/index/sheets?sort=${sort}&order=${order}&size=50`)).ids);
      }
    }
    const request = fc.record({
      sort: fc.constantFrom(...sorts),
      order: fc.constantFrom('asc', 'desc'),
      size: fc.integer({ min: 1, max: 14 }),
    });
    const walks = fc.asyncProperty(request, async ({ sort, order, size }) => {
      const expected = whole.get(`${sort} ${order}`) ?? [];
      expect([...expected].sort()).to.deep.equal(sheets.map(({ entity_id }) => entity_id));
      const there = [await page(`/index/sheets?sort=${sort}&order=${order}&size=${size}`)];
      for (let next = there[0]?.next; next; next = there.at(-1)?.next) there.push(await page(next));
      expect(there.flatMap(({ ids }) => ids)).to.deep.equal(expected);
      expect(there[0]?.previous).to.equal(null);
      for (let i = there.length - 1; i > 0; i--) {
        const back = await page(there[i]?.previous);
        expect(back.ids).to.deep.equal(there[i - 1]?.ids);
        expect(back.next).to.be.a('string');
        expect(back.previous === null).to.equal(i === 1);
      }
    });
    await fc.assert(walks, { numRuns: numRuns(400), seed: seed() });
  });

  it('sorts multi-valued fields by their smallest value, missing ones last when ascending', async () => {
    const least = ({ contents }: (typeof sheets)[number]) =>
      (contents.sheets?.[0]?.habitats as string[] | undefined)?.toSorted()[0];
    const reference = [...sheets].sort((a, b) => {
      const [x, y] = [least(a) ?? '~', least(b) ?? '~'];
      if (x !== y) return x < y ? -1 : 1;
      return a.entity_id < b.entity_id ? -1 : 1;
    });
    const ids = reference.map(({ entity_id }) => entity_id);
    expect((await page('/index/sheets?sort=habitat&order=asc&size=50')).ids).to.deep.equal(ids);
    expect((await page('/index/sheets?sort=habitat&order=desc&size=50')).ids).to.deep.equal(ids.toReversed());
  });

  it('keeps all parameters in absolute links', async () => {
    const filters = { entryId: { is: sheets.map(({ entity_id }) => entity_id) } };
    const { next, total, pages, count, size, sort, order } = await page(
      `/index/sheets${withFilters(filters, { size: '5', order: 'desc' })}`,
    );
    expect({ total, pages, count, size, sort, order }).to.deep.equal({
      total: 13,
      pages: 3,
      count: 5,
      size: 5,
      sort: 'title',
      order: 'desc',
    });
    const link = new URL(next);
    expect(link.origin).to.equal(service.url);
    expect(link.pathname).to.equal('/index/sheets');
    const { search_after: cursor, ...others } = Object.fromEntries(link.searchParams);
    expect(cursor).to.be.a('string');
    expect(others).to.deep.equal({
      catalog: 'plants',
      filters: JSON.stringify(filters),
      sort: 'title',
      order: 'desc',
      size: '5',
    });
  });

  it('goes on by POST where filters are too long for the URL of a link, there and back', async () => {
    const ids = Array.from({ length: 1_500 }, (_, i) => idOf(i + 1));
    const parameters = { filters: JSON.stringify({ entryId: { is: ids } }), sort: 'title', order: 'desc', size: 3 };
    const post = async (from: object) =>
      (await service.send('POST', '/index/sheets', JSON.stringify({ ...parameters, ...from }))).body;
    const pages = [await post({})];
    const first = pages[0];
    expect((await service.get(first.pagination.next.slice(service.url.length))).status).to.equal(413);
    for (let from = first.pagination.search_after; from !== undefined; from = pages.at(-1).pagination.search_after) {
      pages.push(await post({ search_after: from }));
    }
    const seen = pages.flatMap(({ hits }) => hits.map((hit: { entity_id: string }) => hit.entity_id));
    expect(seen).to.have.length(first.pagination.total);
    expect(new Set(seen).size).to.equal(first.pagination.total);
    const back = await post({ search_before: pages.at(-1).pagination.search_before });
    expect(back.hits).to.deep.equal(pages.at(-2).hits);
  });

  it('follows the proxy in front for the scheme of links', async () => {
    const schemes = {
      https: 'https:',
      HTTPS: 'https:',
      'https, http': 'https:',
      'http,https': 'http:',
      gopher: 'http:',
    };
    for (const [forwarded, scheme] of Object.entries(schemes)) {
      const { body } = await service.get('/index/sheets?size=1', { 'X-Forwarded-Proto': forwarded });
      expect(new URL(body.pagination.next).protocol, forwarded).to.equal(scheme);
    }
  });

  it('shows an empty page beyond the end', async () => {
    const last = await page('/index/sheets?sort=entryId&order=asc&size=1');
    const { next } = await page(
      `/index/sheets${withFilters({ entryId: { is: [idOf(1), idOf(2)] } }, { size: '1', sort: 'entryId', order: 'asc' })}`,
    );
    const beyond = new URL(next);
    beyond.searchParams.set('filters', JSON.stringify({ entryId: { is: [idOf(1)] } }));
    expect(last.count).to.equal(1);
    expect(await page(beyond.href)).to.deep.include({ ids: [], count: 0, total: 1, next: null, previous: null });
  });

  it('refuses cursors that are not its own, or of a list sorted otherwise', async () => {
    const { next } = await page('/index/sheets?sort=bytes&order=asc&size=2');
    const cursor = new URL(next).searchParams.get('search_after') ?? '';
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const query of [
      'search_after=1',
      'search_after=',
      'search_before=%5B%22a%22,%22b%22%5D',
      `sort=title&search_after=${cursor}`,
      `sort=bytes&order=desc&search_after=${cursor}`,
      `sort=bytes&order=asc&search_after=${forged([2, 'bytes', 'asc', 1, false, 'x'])}`,
      `sort=bytes&order=asc&search_after=${forged([1, 'bytes', 'asc', 'x', false, 'x'])}`,
      `sort=pressed&order=asc&search_after=${forged([1, 'pressed', 'asc', 2 ** 40, false, 'x'])}`,
      `sort=altitude&order=asc&search_after=${forged([1, 'altitude', 'asc', 5, false, 'x'])}`,
      `search_after=${cursor}&search_before=${cursor}`,
    ]) {
      const { status, body } = await service.get(`/index/sheets?${query}`);
      expect(status, query).to.equal(400);
      expect(body.Message, query).to.match(/search_(after|before)/);
    }
  });
});

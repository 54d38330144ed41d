import { expect } from 'chai';
import type { Document } from '../../core/model/metadata.ts';
import { expedition, herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { byBytes } from '../rigs/reference/values.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';

/** In one, two and four bytes, around each length that something takes; the last of each can be told apart by the rest only. */
const lengths = [256, 257, 1001, 10_923, 32_766, 32_767, 50_000];
const titles = ['x', 'é', '\u{1F600}'].flatMap((one) =>
  lengths.map((bytes) => 'a'.repeat(bytes % Buffer.byteLength(one)) + one.repeat(bytes / Buffer.byteLength(one))),
);
const all = [...titles, `${titles.at(-1)}y`, `${'x'.repeat(32_765)}y`];
const isListed = (title: string) => title.length <= 256;
const sheets = all.map((title, i) =>
  sheet(i + 1, { title, maps: [{ atlas: title, page: title }], age: [{ value: title, unit: null }] }),
);
const byTitle = all.map((title, i) => ({ title, id: idOf(i + 1) })).sort((a, b) => byBytes(a.title, b.title));

/** As long as one may be. */
const secret = 'é'.repeat(256);
const longId = 'e'.repeat(500);

describe('Long texts', function () {
  this.timeout(120_000);
  let service: Service;
  before(async () => {
    const hidden: Document[] = [
      sheet(900, { title: 'hidden' }, ['a', secret]),
      sheet(901, { title: 'hidden' }, [secret]),
    ];
    const named = { ...sheet(902, { title: 'named' }), entity_id: longId };
    service = await startService({
      plugin: herbarium,
      documents: { sheets: [...sheets, ...hidden, named], expeditions: [expedition(1, {})], drawers: [] },
      sources: ['a', secret].map((id) => ({ id, spec: `herbarium:${id}:` })),
      sees: ({ subject }) => (subject === 'Bearer keeper' ? ['a', secret] : ['a']),
      urlBytes: 2 ** 20,
    });
  });
  after(() => service?.[Symbol.asyncDispose]());

  const list = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const { status, body } = await service.get(path.replace(service.url, ''), headers);
    expect(status, JSON.stringify(body).slice(0, 300)).to.equal(200);
    return body;
  };
  const idsOf = ({ hits }: { hits: { entity_id: string }[] }) => hits.map(({ entity_id }) => entity_id);
  const foundBy = async (filters: unknown) => idsOf(await list(`/index/sheets${withFilters(filters, { size: '50' })}`));

  it('are each found, alone, in a field, in objects and as quantities', async () => {
    for (const [i, title] of all.entries()) {
      const what = `${title.slice(-2)} ${title.length}`;
      expect(await foundBy({ title: { is: [title] } }), what).to.deep.equal([idOf(i + 1)]);
      expect(await foundBy({ maps: { is: [title] } }), what).to.deep.equal([idOf(i + 1)]);
      expect(await foundBy({ maps: { is: [{ atlas: title, page: title }] } }), what).to.deep.equal([idOf(i + 1)]);
      expect(await foundBy({ age: { is: [{ value: title, unit: null }] } }), what).to.deep.equal([idOf(i + 1)]);
      expect(await foundBy({ title: { is: [`${title}z`] } }), what).to.deep.equal([]);
    }
  });

  it('are in order, among short ones', async () => {
    const shown = new Set(sheets.map(({ entity_id }) => entity_id));
    for (const sort of ['title', 'maps', 'age']) {
      const ids = idsOf(await list(`/index/sheets?sort=${sort}&order=asc&size=50`)).filter((id) => shown.has(id));
      // Beyond what a keyword holds, texts with the same beginning are in any order.
      const beginnings = ids.map((id) => all[Number.parseInt(id.slice(-4), 16) - 1]?.slice(0, 8000));
      expect(beginnings, sort).to.deep.equal(byTitle.map(({ title }) => title.slice(0, 8000)));
      const whole = byTitle.filter(({ title }) => Buffer.byteLength(title) <= 32_766).map(({ id }) => id);
      expect(
        ids.filter((id) => whole.includes(id)),
        sort,
      ).to.deep.equal(whole);
    }
  });

  it('are shown as they are', async () => {
    const { hits } = await list('/index/sheets?sort=entryId&order=asc&size=50');
    const contents = hits.slice(0, sheets.length).map((hit: Document) => hit.contents);
    expect(contents).to.deep.equal(sheets.map((document) => document.contents));
    expect(JSON.stringify(hits)).to.not.match(/"_\w+"/);
  });

  it('are paged through by short links, there and back', async () => {
    for (const order of ['asc', 'desc']) {
      const whole = idsOf(await list(`/index/sheets?sort=title&order=${order}&size=50`));
      const pages = [await list(`/index/sheets?sort=title&order=${order}&size=7`)];
      for (let next = pages[0].pagination.next; next; next = pages.at(-1).pagination.next) {
        expect(next).to.have.length.below(3000);
        pages.push(await list(next));
      }
      expect(pages.flatMap(idsOf)).to.deep.equal(whole);
      for (let i = pages.length - 1; i > 0; i--)
        expect(idsOf(await list(pages[i].pagination.previous))).to.deep.equal(idsOf(pages[i - 1]));
    }
  });

  it('are no place any more once their document is another one', async () => {
    const longPlace = byTitle.findIndex(({ title }) => title.length > 1000) + 1;
    const { next } = (await list(`/index/sheets?sort=title&order=asc&size=${longPlace}`)).pagination;
    const cursor = JSON.parse(
      Buffer.from(new URL(next).searchParams.get('search_after') ?? '', 'base64url').toString(),
    );
    const link = new URL(next);
    link.searchParams.set('search_after', Buffer.from(JSON.stringify(cursor.with(-1, idOf(1)))).toString('base64url'));
    const { status, body } = await service.get(link.href.replace(service.url, ''));
    expect([typeof cursor[4], status]).to.deep.equal(['object', 400]);
    expect(body.Message).to.match(/search_after.*Begin with the first page/);
  });

  it('are null for facets where there is nothing shorter, and so for the filter by null', async () => {
    const unlisted = sheets.filter((_one, i) => !isListed(all[i] ?? '')).map(({ entity_id }) => entity_id);
    for (const name of ['title', 'maps', 'age']) {
      const { termFacets } = await list('/index/sheets');
      const nulls = termFacets[name].terms.find(({ term }: { term: unknown }) => term === null);
      const found = await foundBy({ [name]: { is: [null] } });
      const without = name === 'title' ? [] : [longId];
      expect(new Set(found), name).to.deep.equal(new Set([...unlisted, ...without]));
      expect(nulls.count, name).to.equal(found.length);
    }
  });

  it('as ids of sources hide documents from those who must not see them', async () => {
    expect(await foundBy({ title: { is: ['hidden'] } })).to.deep.equal([]);
    expect((await list('/index/sheets')).termFacets.title.total).to.equal(sheets.length + 1);
    for (const id of [900, 901]) expect((await service.get(`/index/sheets/${idOf(id)}`)).status).to.equal(404);
    const path = `/index/sheets${withFilters({ title: { is: ['hidden'] }, sourceId: { is: [secret] } })}`;
    expect(idsOf(await list(path, { Authorization: 'Bearer keeper' }))).to.deep.equal([idOf(900), idOf(901)]);
    expect((await service.get(path)).status).to.equal(403);
  });

  it('as ids of entities find them', async () => {
    expect(await foundBy({ entryId: { is: [longId] } })).to.deep.equal([longId]);
  });
});

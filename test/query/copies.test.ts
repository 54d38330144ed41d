import { expect } from 'chai';
import { clusterHealth } from '../../cli/engines/opensearch.ts';
import { readAlias } from '../../core/documents/index-layout.ts';
import { connect } from '../../query/opensearch.ts';
import { herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type SearchNodes, startSearchNodes } from '../rigs/search-nodes.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';
import { indexForm } from '../rigs/service/index-form.ts';
import { until } from '../rigs/until.ts';

/** Sheets that both copies show, and those that one of them shows. */
const [shownByBoth, shownByOne] = [5, 9];
const numbers = Array.from({ length: shownByOne }, (_, i) => i + 1);
const sheets = numbers.map((i) => sheet(i, { title: `t${i}`, pressed: i % 2 === 0 }));
const titles = numbers.map((i) => `t${i}`);
/** Each finds all sheets, in its own way. */
const questions = Array.from({ length: 16 }, (_, i) => ({ title: { is: [...titles, `none ${i}`] } }));

describe('Copies of a shard that show what was written at different moments', function () {
  this.timeout(600_000);
  let cluster: SearchNodes;
  let service: Service;
  let url: string;
  before(async () => {
    cluster = await startSearchNodes(2);
    url = cluster.nodes[0]?.url ?? '';
    service = await startService({
      plugin: herbarium,
      documents: { sheets: sheets.slice(0, shownByBoth), expeditions: [], drawers: [] },
      opensearchUrl: url,
      // Two nodes take long on a machine that has much else to do.
      deps: { engine: connect(url, { searchMillis: 60_000, pingMillis: 60_000 }) },
    });
    await setApart();
  });
  after(async () => {
    await service[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(url + path, { method, headers: { 'Content-Type': 'application/json' }, ...sent });
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${text}`).to.equal(true);
    return JSON.parse(text);
  };

  /** A replica that is made shows what was written until then, though its primary doesn't yet. */
  async function setApart(): Promise<void> {
    const index = `/${readAlias(service.deployment, 'plants', 'sheets')}_g1`;
    await ask('PUT', `${index}/_settings`, { number_of_replicas: 0, refresh_interval: '-1' });
    for (const one of sheets.slice(shownByBoth)) {
      await ask('PUT', `${index}/_doc/${one.entity_id}`, indexForm(herbarium, 'sheets', one));
    }
    await ask('PUT', `${index}/_settings`, { number_of_replicas: 1 });
    await until(async () => (await clusterHealth(url))?.status === 'green', 120_000);
    const shown = async (copy: string) => {
      const { count } = (await ask('GET', `${index}/_count?preference=${copy}&q=entity_id:*`)) as { count: number };
      return count;
    };
    expect([await shown('_primary'), await shown('_replica')]).to.deep.equal([shownByBoth, shownByOne]);
  }

  /** All pages of a list, which say the same of it as its facets. @returns how many sheets it has */
  async function listed(filters: object): Promise<number> {
    const ids: string[] = [];
    const totals = new Set<number>();
    let path: string | null = `/index/sheets${withFilters(filters, { size: '2' })}`;
    while (path !== null) {
      const { status, body } = await service.get(path);
      expect(status, JSON.stringify(body).slice(0, 300)).to.equal(200);
      ids.push(...body.hits.map((hit: { entity_id: string }) => hit.entity_id));
      for (const total of [body.pagination.total, body.termFacets.pressed.total, body.termFacets.title.total]) {
        totals.add(total);
      }
      path = body.pagination.next?.slice(service.url.length) ?? null;
    }
    expect([[...totals], new Set(ids).size], 'totals and ids').to.deep.equal([[ids.length], ids.length]);
    return ids.length;
  }

  const lists = () => Promise.all(questions.map(listed));

  it('are not mixed in one answer, nor in the pages of a list, and are all asked', async () => {
    const first = await lists();
    expect(new Set(first)).to.deep.equal(new Set([shownByBoth, shownByOne]));
    for (let i = 0; i < 3; i++) expect(await lists()).to.deep.equal(first);
  });

  it('answer the same again and again, for one entity and for the summary', async () => {
    const paths = [...numbers.map((i) => `/index/sheets/${idOf(i)}`), '/index/summary'];
    const answers = () =>
      Promise.all(
        paths.map(async (path) => {
          const { status, body } = await service.get(path);
          return JSON.stringify([status, body]);
        }),
      );
    const first = await answers();
    for (let i = 0; i < 6; i++) expect(await answers()).to.deep.equal(first);
  });

  it('are not mixed either when one of them is gone', async () => {
    await lists();
    cluster.nodes[1]?.child.kill();
    await until(async () => (await clusterHealth(url))?.nodes === 1, 60_000);
    const [first, ...others] = await lists();
    expect(new Set(others)).to.deep.equal(new Set([first]));
  });
});

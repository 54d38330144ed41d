import { expect } from 'chai';
import { catalogSchema } from '../../core/config/catalogs.ts';
import type { Repository } from '../../core/model/repository.ts';
import { catalogOf, catalogsOf } from '../../query/catalogs.ts';
import { herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';

const sources = ['a', 'b'].map((id) => ({ id, spec: `herbarium:${id}:` }));

/** The sources are called alike in both catalogs. */
function catalogIn(deployment: string, name: string, seen: readonly string[]) {
  const never = () => {
    throw new TypeError('The service has no business with bundles');
  };
  const repository: Repository = {
    listSources: async () => sources,
    accessibleSources: async () => new Set(seen),
    listBundles: never,
    fetchBundle: never,
  };
  const settings = catalogSchema.parse({
    atlas: 'herbarium',
    plugins: { metadata: { name: 'herbarium' }, repository: { name: 'none' } },
    sources: sources.map(({ spec }) => spec),
  });
  return catalogOf(deployment, name, settings, herbarium, repository);
}

describe('A catalog whose sources a caller may see', () => {
  let open: Service;
  let both: Service;
  before(async () => {
    const sheets = (first: number) => [0, 1, 2].map((i) => sheet(first + i, {}, ['b']));
    open = await startService({ plugin: herbarium, catalog: 'open', documents: { sheets: sheets(1) } });
    const { deployment } = open;
    const catalogs = catalogsOf('open', [
      catalogIn(deployment, 'open', ['a', 'b']),
      catalogIn(deployment, 'closed', ['a']),
    ]);
    const documents = { sheets: sheets(11) };
    both = await startService({ plugin: herbarium, catalog: 'closed', documents, deployment, deps: { catalogs } });
  });
  after(async () => {
    await both[Symbol.asyncDispose]();
    await open[Symbol.asyncDispose]();
  });

  it('opens nothing of another one: neither by ids, filters and cursors, nor because it was asked first', async () => {
    const first = await both.get('/index/sheets?catalog=open&size=1');
    expect(first.body.pagination.total).to.equal(3);
    const next: string = first.body.pagination.next.replace(both.url, '');
    const [here, there] = [await both.get(next), await both.get(next.replace('catalog=open', 'catalog=closed'))];
    expect([here, there].map(({ status, body }) => [status, body.hits?.length])).to.deep.equal([
      [200, 1],
      [200, 0],
    ]);
    expect((await both.get('/index/sheets?catalog=closed')).body.pagination.total).to.equal(0);
    for (const id of [idOf(1), idOf(11)])
      expect((await both.get(`/index/sheets/${id}?catalog=closed`)).status).to.equal(404);
    const filtered = withFilters({ sourceId: { is: ['b'] } }, { catalog: 'closed' });
    expect((await both.get(`/index/sheets${filtered}`)).status).to.equal(403);
    const { body } = await both.get('/repository/sources?catalog=closed');
    expect(body.sources.map(({ sourceId }: { sourceId: string }) => sourceId)).to.deep.equal(['a']);
  });
});

import { expect } from 'chai';
import { changeOf, countsOf } from '../../../core/catalogs/changes.ts';
import { type Catalog, type Catalogs, parseCatalogs } from '../../../core/config/catalogs.ts';
import { catalogsOf } from '../../rigs/models/many-catalogs.ts';

const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/bundles' } };
const catalog = (sources: readonly string[], more: object = {}): Catalog => ({
  ...{ atlas: 'hca', internal: false, plugins, sources: [...sources] },
  ...more,
});
const none = { added: [], removed: [], changed: [], defaultCatalog: null };

describe('What differs between two versions of the catalogs', () => {
  it('is catalogs, sources, and everything else by its place', () => {
    const from: Catalogs = { a: catalog(['x:', 'y:']), b: catalog(['z:']), gone: catalog(['g:', 'h:']) };
    const changed = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/other', 'a/b': [1] } };
    const to: Catalogs = {
      b: catalog(['z:', 'w:', 'w:'], { plugins: changed, index: { shards: 2 } }),
      a: catalog(['y:', 'x:']),
      fresh: catalog(['f:']),
    };
    const change = changeOf(from, to);
    expect(change).to.deep.equal({
      added: ['fresh'],
      removed: ['gone'],
      changed: [
        {
          ...{ catalog: 'b', sourcesAdded: ['w:'], sourcesRemoved: [] },
          settings: [
            { member: '/plugins/repository/folder', from: '/bundles', to: '/other' },
            { member: '/plugins/repository/a~1b', from: undefined, to: [1] },
            { member: '/index', from: undefined, to: { shards: 2 } },
          ],
        },
      ],
      defaultCatalog: { from: 'a', to: 'b' },
    });
    expect(countsOf(change, from, to)).to.deep.equal({
      ...{ catalogsAdded: 1, catalogsRemoved: 1, catalogsChanged: 1, sourcesAdded: 2, sourcesRemoved: 2 },
    });
  });

  it('is nothing where only the order of sources does', () => {
    expect(changeOf({ a: catalog(['x:', 'y:']) }, { a: catalog(['y:', 'x:']) })).to.deep.equal(none);
  });

  it('is found at once in large ones', () => {
    const from = catalogsOf(10, 1000);
    const dcp3 = { ...(from.dcp3 as Catalog), sources: [...(from.dcp3?.sources ?? []), 'new:'] };
    const [change] = changeOf(from, { ...from, dcp3 }).changed;
    expect(change).to.deep.equal({ catalog: 'dcp3', sourcesAdded: ['new:'], sourcesRemoved: [], settings: [] });
  });
});

describe('Catalogs that are wrong', () => {
  it('are refused with the first ten mistakes and how many more there are', () => {
    const sources = Array.from({ length: 12 }, (_, i) => `no-colon-${i}`);
    const refused = () => parseCatalogs({ 'a-it': catalog([]), runs: catalog([]), hca: catalog(sources) }, 'the file');
    expect(refused).to.throw(/^the file: catalog 'a-it' is an integration-test catalog.*\ncatalog name 'runs' is not/);
    expect(refused).to.throw(/no-colon-7' is malformed: it has no colon\.\n… and 4 more$/);
  });

  it('are refused by the schema the same way', () => {
    const wrong = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`c${i}`, { ...catalog([]), surce: [] }]));
    expect(() => parseCatalogs(wrong, 'the file')).to.throw(/^the file: .*surce(.|\n)* c9(.|\n)*… and 2 more$/);
    expect(() => parseCatalogs({}, 'the file')).to.throw('No catalog is configured.');
  });
});

import { expect } from 'chai';
import { extrapolate, extrapolationTable, type Site, type Unit } from '../bench/report/extrapolation.ts';
import { extrapolationSites } from '../bench/sizes.ts';

const unit: Unit = { documentsPerBundle: 10, ingest: 0.0012, load: 0.0006, build: 0.00036, index: 0.00048 };
const site: Site = {
  ...{ bundles: 3_000_000, workerCores: 8, catalogs: 1, nodes: 3, coresOfNode: 4, replicas: 0 },
  bulkConcurrency: 2,
};
const figures = (change: Partial<Site>) =>
  Object.fromEntries(
    Object.entries(extrapolate(unit, { ...site, ...change })).map(([name, value]) => [name, Number(value.toFixed(6))]),
  );

describe('An extrapolation', () => {
  it('has one process build a catalog, and lets it wait for the search cluster or the other way round', () => {
    expect(figures({})).to.deep.equal({
      ...{ documents: 30_000_000, ingest: 1, load: 0.5, compute: 3, index: 2 },
      ...{ rebuild: 3, fromStaged: 3.5, fromRepository: 4.5 },
    });
    expect(figures({ nodes: 1, coresOfNode: 1 })).to.include({ compute: 3, index: 4, rebuild: 4 });
  });

  it('builds catalogs side by side, no more than there are cores', () => {
    expect(figures({ catalogs: 3 })).to.include({ load: 0.166667, compute: 1, rebuild: 1, ingest: 1 });
    expect(figures({ catalogs: 20, workerCores: 2 })).to.include({ load: 0.25, compute: 1.5 });
  });

  it('has replicas indexed like primaries, as far as the cores of the cluster go', () => {
    expect(figures({ replicas: 1 })).to.include({ index: 2 });
    expect(figures({ replicas: 1, nodes: 3, coresOfNode: 1 }).index).to.be.closeTo(8 / 3, 1e-6);
  });

  it('grows with the number of bundles', () => {
    const { rebuild, fromRepository } = extrapolate(unit, site);
    const ten = extrapolate(unit, { ...site, bundles: 10 * site.bundles });
    expect([ten.rebuild / rebuild, ten.fromRepository / fromRepository]).to.deep.equal([10, 10]);
  });

  it('is shown with all that it depends on', () => {
    const { head, rows } = extrapolationTable(unit, extrapolationSites, 'title');
    expect(rows.length).to.equal(extrapolationSites.length);
    expect(rows.every((row) => row.length === head.length)).to.equal(true);
    expect(extrapolationSites.every(({ bundles, nodes }) => bundles === 1_500_000 && nodes === 3)).to.equal(true);
  });
});

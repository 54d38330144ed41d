import { join } from 'node:path';
import { expect } from 'chai';
import { costs, dollarsOf, estimatedSources } from '../../cli/pipeline/estimates.ts';
import { settingsSchema } from '../../core/config/settings.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { anvilTables } from '../rigs/tdr/anvil.ts';
import { writeExport } from '../rigs/tdr/exports.ts';

describe('What reading sources takes', () => {
  it('is added up of their tables, for people', () => {
    const table = (name: string, rows: number | null, dollars: number) => ({
      table: name,
      rows,
      bytes: 2 ** 20,
      dollars,
    });
    const estimates = [
      { source: 'a', spec: 'spec of a', tables: [table('links', 3, 0.25), table('project', 4, 0.5)] },
      { source: 'b', spec: 'spec of b', tables: [table('links', null, 1)] },
    ];
    expect(dollarsOf(estimates)).to.equal(1.75);
    const words = costs('hca', estimates).map((line) => line.trim().split(/\s{2,}/));
    expect(words[0]).to.deep.equal(['to read the sources of hca costs about 1.7500 dollars']);
    expect(words).to.deep.include.members([
      ['spec of a', '2', '7', '2097152', '0.7500'],
      ['spec of b', '1', '?', '1048576', '1.0000'],
      ['spec of a', 'project', '4', '1048576', '0.5000'],
    ]);
  });

  it('is nothing where exports of snapshots are in a folder', async () => {
    using folder = temporaryFolder();
    const [id, name, project] = ['6c87f0e1-509d-46a4-b845-7584df39263b', 'ANVIL_one', 'datarepo-1a2b3c4d'];
    const anvil_donor = [{ donor_id: 'donor', datarepo_row_id: '20000000-0000-4000-8000-000000000000' }];
    await writeExport(join(folder.path, 'exports'), { id, name, project, tables: anvilTables({ anvil_donor }) });
    const spec = `tdr:bigquery:gcp:${project}:${name}:`;
    const settings = settingsIn(folder.path);
    const [hca] = Object.values(settings.catalogs);
    const repository = { name: 'tdr', exports: join(folder.path, 'exports'), scratch: folder.path };
    const catalogs = {
      ...settings.catalogs,
      anvil: { ...hca, plugins: { ...hca?.plugins, repository }, sources: [spec] },
    };
    const own = settingsSchema.parse({ ...settings, catalogs });
    const [estimate, ...others] = await estimatedSources(own, 'anvil', { source: '*', prefix: '' });
    expect(others).to.deep.equal([]);
    expect(estimate).to.include({ source: id, spec });
    const { bytes = 0, ...donors } = estimate?.tables.find(({ table }) => table === 'anvil_donor') ?? {};
    expect(donors).to.deep.equal({ table: 'anvil_donor', rows: 1, dollars: 0 });
    expect(bytes).to.be.greaterThan(100);
  });
});

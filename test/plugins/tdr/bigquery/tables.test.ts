import { join } from 'node:path';
import { expect } from 'chai';
import type { LazuliError } from '../../../../core/config/errors.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import { BigQueryTables } from '../../../../plugins/repository/tdr/bigquery/bigquery-tables.ts';
import { readExports } from '../../../../plugins/repository/tdr/exports.ts';
import { type Single, SingleBundles } from '../../../../plugins/repository/tdr/single-bundles.ts';
import { Snapshot } from '../../../../plugins/repository/tdr/snapshot.ts';
import { KeptTables } from '../../../../plugins/repository/tdr/tables/kept-tables.ts';
import type { SnapshotRef, TableFiles } from '../../../../plugins/repository/tdr/tables/tables.ts';
import { temporaryFolder } from '../../../rigs/cli/lazuli.ts';
import { useBigQuery } from '../../../rigs/tdr/bigquery.ts';
import { writeExport } from '../../../rigs/tdr/exports.ts';
import { patient } from '../../../signals.ts';
import { queriesAt } from './queries-at.ts';
import { storySnapshots } from './story-snapshots.ts';

describe('Tables of snapshots in BigQuery', () => {
  const bigQuery = useBigQuery();

  it('make the same bundles as their exports, page after page', async function () {
    this.timeout(120_000);
    using folder = temporaryFolder();
    const source = new BigQueryTables(queriesAt(bigQuery().endpoint, { pageRows: 2 }), {
      dollarsPerTebibyte: 2 ** 20,
      rowCounts: async () => new Map([['links', 4]]),
    });
    const kept = new KeptTables({ folder: folder.path, maxBytes: 2 ** 30, source });
    for (const snapshot of storySnapshots) {
      await bigQuery().load(snapshot);
      await writeExport(join(folder.path, 'exports'), snapshot);
      const [exported] = (await readExports(join(folder.path, 'exports'))).filter(({ id }) => id === snapshot.id);
      const { names, bundles } = await bundlesOf(snapshot, exported?.tables ?? new Map(), folder.path);
      expect(names).to.have.length(snapshot.name.startsWith('hca') ? 4 : 3);
      const single = new SingleBundles(kept, { folder: folder.path, memoryBytes: 2 ** 28, threads: 1 }, systemClock);
      const singly = await Promise.all(names.map((name) => outcomeOf(single.fetch(snapshot, name, 2 ** 20, patient))));
      expect(singly).to.deep.equal(bundles);
      const estimates = (await kept.estimate(snapshot, patient)) ?? [];
      expect(estimates.map(({ table }) => table)).to.include(snapshot.name.startsWith('hca') ? 'links' : 'anvil_file');
      // The emulator counts no bytes; ten mebibytes are billed in any case.
      for (const { bytes, dollars, rows, table } of estimates)
        expect({ bytes, dollars, rows }).to.deep.equal({ bytes: 0, dollars: 10, rows: table === 'links' ? 4 : null });
      const { files, release } = await kept.hold(snapshot, patient);
      expect((await bundlesOf(snapshot, files, folder.path)).bundles).to.deep.equal(bundles);
      // What is here needs no queries.
      const here = (await kept.estimate(snapshot, patient)) ?? [];
      expect(here.map(({ dollars }) => dollars)).to.deep.equal(here.map(() => 0));
      expect(here.find(({ table }) => table === 'links' || table === 'anvil_file')?.rows).to.equal(
        names.length === 4 ? 4 : 3,
      );
      expect(await single.fetch(snapshot, names[0] ?? { uuid: '', version: '' }, 2 ** 20, patient)).to.equal(undefined);
      await release();
    }
    const gone = { id: '8c87f0e1-509d-46a4-b845-7584df39263b', name: 'ANVIL_gone', project: 'datarepo-1a2b3c4d' };
    const error = await kept.hold(gone, patient).catch((caught: LazuliError) => caught);
    expect(error).to.include({ code: 'repository_unavailable' });
    expect((error as LazuliError).message).to.match(/^Snapshot ANVIL_gone \(8c87.*/);
  });
});

/** All bundles as text, or what is wrong with them. */
async function bundlesOf(snapshot: SnapshotRef, tables: TableFiles, folder: string) {
  const opened = await Snapshot.open({ ...snapshot, tables }, { folder, memoryBytes: 2 ** 28, threads: 1 });
  try {
    const names = opened.list('');
    const fetched = names.map((name) => outcomeOf(Promise.resolve().then(() => opened.fetch(name, 2 ** 20))));
    return { names, bundles: await Promise.all(fetched) };
  } finally {
    opened.close();
  }
}

const outcomeOf = (fetched: Promise<Single>): Promise<string> =>
  fetched.then(
    (bytes) => Buffer.from(bytes ?? []).toString(),
    (error: Error) => error.message,
  );

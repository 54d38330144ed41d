import { join } from 'node:path';
import { expect } from 'chai';
import type { LazuliError } from '../../../../core/config/errors.ts';
import { BigQueryTables } from '../../../../plugins/repository/tdr/bigquery/bigquery-tables.ts';
import { readExports } from '../../../../plugins/repository/tdr/exports.ts';
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
    const source = new BigQueryTables(queriesAt(bigQuery().endpoint, { pageRows: 2 }));
    const kept = new KeptTables({ folder: folder.path, maxBytes: 2 ** 30, source });
    for (const snapshot of storySnapshots) {
      await bigQuery().load(snapshot);
      const { files, release } = await kept.hold(snapshot, patient);
      await writeExport(join(folder.path, 'exports'), snapshot);
      const [exported] = (await readExports(join(folder.path, 'exports'))).filter(({ id }) => id === snapshot.id);
      const expected = await bundlesOf(snapshot, exported?.tables ?? new Map(), folder.path);
      expect(Object.keys(expected)).to.have.length(snapshot.name.startsWith('hca') ? 4 : 3);
      expect(await bundlesOf(snapshot, files, folder.path)).to.deep.equal(expected);
      await release();
    }
    const gone = { id: '8c87f0e1-509d-46a4-b845-7584df39263b', name: 'ANVIL_gone', project: 'datarepo-1a2b3c4d' };
    const error = await kept.hold(gone, patient).catch((caught: LazuliError) => caught);
    expect(error).to.include({ code: 'repository_unavailable' });
    expect((error as LazuliError).message).to.match(/^Snapshot ANVIL_gone \(8c87.*/);
  });
});

/** All bundles as text, or what is wrong with them, by uuid. */
async function bundlesOf(snapshot: SnapshotRef, tables: TableFiles, folder: string) {
  const opened = await Snapshot.open({ ...snapshot, tables }, { folder, memoryBytes: 2 ** 28, threads: 1 });
  try {
    const bundles: Record<string, string> = {};
    for (const root of opened.list('')) bundles[root.uuid] = textOf(() => opened.fetch(root, 2 ** 20));
    return bundles;
  } finally {
    opened.close();
  }
}

function textOf(fetch: () => Uint8Array | null): string {
  try {
    return Buffer.from(fetch() ?? []).toString();
  } catch (error) {
    return (error as Error).message;
  }
}

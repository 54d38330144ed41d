import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readExports } from '../../../plugins/repository/tdr/exports.ts';
import { Snapshot } from '../../../plugins/repository/tdr/snapshot.ts';
import { type ExportedTable, writeExport } from './exports.ts';

export const snapshotId = '6c87f0e1-509d-46a4-b845-7584df39263b';

/** Does something with a snapshot of such tables, in folders that go afterwards. */
export async function withSnapshot<T>(
  tables: Readonly<Record<string, ExportedTable>>,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-snapshots-'));
  try {
    await writeExport(folder, { id: snapshotId, name: 'some', project: 'project', tables });
    const [exported] = await readExports(folder);
    if (exported === undefined) throw new TypeError('There is no export');
    const snapshot = await Snapshot.open(exported, { folder, memoryBytes: 2 ** 28, threads: 1 });
    try {
      return await work(snapshot);
    } finally {
      snapshot.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A bundle as JSON. */
export async function bundleOf(
  snapshot: Snapshot,
  root: { uuid: string; version: string },
): Promise<Record<string, unknown>> {
  const bytes = snapshot.fetch(root, 2 ** 28);
  return bytes === null ? {} : JSON.parse(Buffer.from(bytes).toString());
}

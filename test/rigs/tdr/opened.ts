import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readExports } from '../../../plugins/repository/tdr/exports.ts';
import { type BundleName, Snapshot } from '../../../plugins/repository/tdr/snapshot.ts';
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
export async function bundleOf(snapshot: Snapshot, root: BundleName): Promise<Record<string, unknown>> {
  const bytes = snapshot.fetch(root, 2 ** 28);
  return bytes === null ? {} : JSON.parse(Buffer.from(bytes).toString());
}

/** What comes of a bundle: its text, or the code of the error. */
export async function outcomeIn(snapshot: Snapshot, root: BundleName): Promise<unknown> {
  return bundleOf(snapshot, root).then(JSON.stringify, (error: unknown) => (error as { code?: string }).code ?? error);
}

/** The same, where order doesn't matter. @param comparable a bundle with such an order as compares */
export const comparedBy =
  (comparable: (bundle: Readonly<Record<string, unknown>>) => unknown) =>
  (outcome: unknown): unknown =>
    typeof outcome === 'string' && outcome.startsWith('{') ? comparable(JSON.parse(outcome)) : outcome;

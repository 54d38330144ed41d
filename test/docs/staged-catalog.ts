import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBundles } from '../../cli/generated-folder.ts';
import { readBundleFolder } from '../../cli/up/bundle-folder.ts';
import { parseVerbatim } from '../../core/model/json.ts';
import { newBatchId } from '../../core/staged/layout.ts';
import { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { Merge } from '../../transform/compaction/merge.ts';
import { StagedBatches } from '../../transform/loading/staged-batches.ts';
import { Store } from '../../transform/store/store.ts';
import { settingsIn } from '../rigs/cli/lazuli.ts';
import { stageBatch, type TestNotification } from '../rigs/transform/staging.ts';
import { patient } from '../signals.ts';
import { testContext } from '../transform/context.ts';

const catalog = 'hca';

/**
 * The data folder of a deployment in which a catalog `hca` is staged: generated bundles, one of them deleted again, in two batches
 * that were merged and are still there, one that is small, and one that was staged aside and doesn't count.
 */
export async function stageCatalog(root: string): Promise<void> {
  const settings = settingsIn(root);
  writeFileSync(join(root, 'lazuli.json'), JSON.stringify(settings));
  symlinkSync(root, join(root, '.lazuli'));
  const objects = new FolderStore(settings.folders.staging);
  await objects.prepare();
  const all = await notificationsIn(join(root, 'bundles'));
  const some = (part: number) => all.filter((_, i) => i % 3 === part);
  const merged = [await stageBatch(objects, hca, catalog, some(0)), await stageBatch(objects, hca, catalog, some(1))];
  await stageBatch(objects, hca, catalog, some(2));
  await stageBatch(objects, hca, catalog, all.slice(0, 3), 'abcdef');
  await merge(root, objects, merged);
}

async function notificationsIn(folder: string): Promise<readonly TestNotification[]> {
  await writeBundles(folder, { seed: 'documentation', bundles: 12, versions: 0.5, deletions: 0.5 });
  const repository = await canned.open({ folder }, []);
  const read = readBundleFolder(folder).actions.map(async ({ action, ...fqid }): Promise<TestNotification> => {
    if (action === 'delete') return { action, fqid };
    const { bytes, attributes } = await repository.fetchBundle(fqid, 2 ** 26, patient);
    return { action, fqid, contents: parseVerbatim(Buffer.from(bytes).toString()), attributes };
  });
  return Promise.all(read);
}

async function merge(root: string, objects: FolderStore, batches: readonly string[]): Promise<void> {
  const letters = new FolderStore(join(root, 'letters'));
  await letters.prepare();
  const store = await Store.open(join(root, 'store.duckdb'), hca, { memoryBytes: 2 ** 28, threads: 1 });
  const made = { store, plugin: hca, objects, deadLetters: new StoredDeadLetters(letters) };
  const context = testContext(made, { catalog });
  try {
    const inputs = await new StagedBatches(context).all(batches);
    const now = Date.now();
    const batch = newBatchId(now, { replacing: true });
    const job = { batch, created: new Date(now).toISOString(), inputs, drops: null, replaces: true };
    const merge = new Merge(context, job);
    while (!(await merge.step()));
  } finally {
    await store.close();
  }
}

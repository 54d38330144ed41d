import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { type Manifest, newBatchId, stagedBy } from '../../core/staged/layout.ts';
import type { NewDeadLetter } from '../../core/storage/dead-letter.ts';
import { Batch } from '../batch.ts';
import type { OpenCatalog } from '../catalogs.ts';
import { notificationLetter } from '../dead-letter.ts';
import { normalizeContents, unforeseen } from '../normalize.ts';
import { encodeNotification } from '../notification.ts';
import { closeBatch, type StagePorts, stage } from '../stage.ts';
import { reassemble } from '../verbatim/reassemble.ts';
import { readBatch, type StagedNotification } from './read.ts';

export interface StageAgainPorts extends StagePorts {
  readonly deadLetters: { put(letter: NewDeadLetter): Promise<unknown> };
  readonly limits: Pick<Settings['limits'], 'batchBundles' | 'batchRows' | 'documentBytes'>;
}

/**
 * Stages a batch again that an earlier version of the plug-in staged: from its verbatim documents, without the
 * repository. The last of the batches that are made replaces it; a crash before that only has the work done again.
 * A bundle that this version refuses goes to the dead letters, as one that was just fetched does.
 *
 * @returns how many bundles were refused
 * @throws LazuliError `staging_unavailable`, or whatever putting a pointer throws
 */
export async function stageAgain(
  manifest: Manifest,
  { name, plugin }: OpenCatalog,
  ports: StageAgainPorts,
): Promise<number> {
  const { limits, clock, store, deadLetters } = ports;
  const batch = new Batch(plugin);
  let refused = 0;
  const close = async (replaces: readonly string[]): Promise<void> => {
    const now = clock.now();
    const id = newBatchId(now, { replacing: replaces.length > 0 });
    const admits = replaces.length > 0 && manifest.admits !== undefined ? { admits: manifest.admits } : {};
    const staged = new Date(stagedBy(manifest)).toISOString();
    await stage(closeBatch(batch, { catalog: name, plugin, id, now, replaces, staged, ...admits }), ports);
    batch.clear();
  };
  for await (const staged of readBatch(manifest, store)) {
    if (batch.bundles.length >= limits.batchBundles || batch.rows >= limits.batchRows) await close([]);
    const error = added(batch, staged, plugin, limits.documentBytes);
    if (error === null) continue;
    refused++;
    await deadLetters.put(letterOf(staged, name, error));
  }
  await close([manifest.batch]);
  return refused;
}

/** @returns why it is refused; null where it isn't */
function added(
  batch: Batch,
  staged: StagedNotification,
  plugin: OpenCatalog['plugin'],
  maxValueBytes: number,
): LazuliError | null {
  const { action, fqid, documents, attributes } = staged;
  const bytes = documents.reduce((sum, { contents }) => sum + Buffer.byteLength(contents), 0);
  const read = () => ({ contents: reassemble(documents), repository: attributes });
  try {
    const normalized = action === 'add' ? normalizeContents(plugin, fqid, read, { bytes, maxValueBytes }) : null;
    batch.add({ ...staged, normalized, bytes });
    return null;
  } catch (cause) {
    return cause instanceof LazuliError ? cause : unforeseen(plugin, cause);
  }
}

function letterOf({ action, number, fqid }: StagedNotification, catalog: string, error: LazuliError): NewDeadLetter {
  const { uuid, version, source } = fqid;
  const notification = { action, catalog, number, notification: { bundle_fqid: { uuid, version, source } } };
  const letter = notificationLetter({
    record: { partitionKey: uuid, data: encodeNotification(notification) },
    error: error.at({ catalog, bundle: `${uuid}.${version}`, entity: `bundle/${uuid}`, field: '$' }),
  });
  return action === 'add' ? { ...letter, lost: { source: source.id, uuid, version } } : letter;
}

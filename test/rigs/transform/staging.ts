import { createHash } from 'node:crypto';
import type { Bundle, BundleFqid } from '../../../core/model/bundle.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { noFaults, type ObjectStore } from '../../../core/runtime/ports.ts';
import type { Action } from '../../../core/staged/layout.ts';
import { newBatchId } from '../../../core/staged/layout.ts';
import { Batch } from '../../../ingest/batch.ts';
import { closeBatch, stage } from '../../../ingest/stage.ts';

/** An addition with its contents, a deletion or a restore. */
export interface TestNotification {
  readonly action: Action;
  /** of a deletion or a restore; default: 1 */
  readonly number?: number;
  readonly fqid: BundleFqid;
  readonly contents?: Json;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Of each of the bundles, the notification that it was added. */
export const additions = (bundles: readonly Bundle[]): readonly TestNotification[] =>
  bundles.map(({ fqid, contents, repository: attributes }) => ({ action: 'add', fqid, contents, attributes }));

export const testSource = { id: 'source-1', spec: 'test:/0' };

/**
 * Stages notifications as one batch the way ingest does, without streams.
 *
 * @param run mark of the run for which it is staged aside; absent: it counts
 * @returns the batch's id
 */
export async function stageBatch(
  store: ObjectStore,
  plugin: MetadataPlugin,
  catalog: string,
  notifications: readonly TestNotification[],
  run?: string,
): Promise<string> {
  const batch = new Batch(plugin);
  for (const notification of notifications) batch.add(staged(plugin, notification));
  const now = systemClock.now();
  const id = newBatchId(now, run === undefined ? {} : { run });
  const closed = closeBatch(batch, { catalog, plugin, id, now });
  await stage(closed, { store, putPointer: async () => {}, fault: noFaults, clock: systemClock });
  return closed.manifest.batch;
}

function staged(plugin: MetadataPlugin, { action, number = 1, fqid, contents, attributes = {} }: TestNotification) {
  if (action !== 'add') return { action, fqid, number, contentHash: '', attributes: {}, normalized: null, bytes: 0 };
  const normalized = plugin.normalize({ fqid, contents: contents ?? null, repository: attributes });
  const contentHash = contentHashOf(contents ?? null);
  return { action, fqid, number: 0, contentHash, attributes, normalized, bytes: 0 };
}

/** Of a bundle as fetched. */
export function contentHashOf(contents: Json): string {
  return createHash('sha256').update(JSON.stringify(contents)).digest('hex');
}

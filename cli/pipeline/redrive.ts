import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { shownIssues } from '../../core/config/issues.ts';
import type { Settings } from '../../core/config/settings.ts';
import { jsonBytes, jsonOrNothing } from '../../core/config/text.ts';
import { transformControl } from '../../core/control/transform.ts';
import { ownerOf } from '../../core/control/workers.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import {
  isReplacing,
  layoutVersion,
  type Manifest,
  manifestKey,
  manifestSchema,
  newBatchId,
} from '../../core/staged/layout.ts';
import type { DeadLetter } from '../../core/storage/dead-letter.ts';
import { createKinesisClient } from '../../core/streams/kinesis.ts';
import { putRecords } from '../../core/streams/producer.ts';
import { redrivenNotification } from '../../ingest/dead-letter.ts';
import { decodeNotification, encodeNotification } from '../../ingest/notification.ts';
import { Fed } from './fed.ts';

type Entries = Parameters<typeof putRecords>[2];

/**
 * Redrives the work of a dead letter: a notification goes back to its stream, a document is recomputed from what is
 * stored by now, the bundles of a damaged batch are fetched and staged again. If it fails again, it gets a letter again.
 *
 * @throws LazuliError `stream_unavailable`, `unavailable`, `record_malformed`, `batch_damaged`
 */
export async function redrive(settings: Settings, { kind, payload }: DeadLetter): Promise<void> {
  switch (kind) {
    case 'notification':
      return put(settings, [redrivenNotification(payload)]);
    case 'batch':
      return redriveBatch(settings, payload);
    case 'document':
      return redriveDocument(settings, payload);
  }
}

/** Nobody waits any more for what a dropped letter was about. */
export async function giveUp(settings: Settings, { kind, reason, payload }: DeadLetter): Promise<void> {
  // What could not be read was not fed by us.
  if (kind !== 'notification' || reason === 'record_malformed') return;
  const { action, catalog, notification } = decodeNotification(redrivenNotification(payload).data);
  new Fed(settings, catalog).drop({ action, ...notification.bundle_fqid });
}

async function redriveDocument(settings: Settings, payload: unknown): Promise<void> {
  const { data, error } = transformControl.touch.given.safeParse(payload);
  if (data !== undefined) return ownerOf(settings, data.catalog).touch(data);
  throw new LazuliError('record_malformed', `The letter names no document: ${shownIssues(error)}`, {
    remedy: 'Drop it; `lazuli verify` finds what is missing, and `lazuli reindex` writes it.',
  });
}

const batchSchema = z.looseObject({ catalog: z.string(), batch: manifestSchema.shape.batch });

/**
 * Once its bundles are on their way again, nobody needs a damaged batch any more: its manifest is deleted. Where it replaces
 * others, these would count again, with what was removed from them: an empty batch replaces it instead.
 */
async function redriveBatch(settings: Settings, payload: unknown): Promise<void> {
  const { catalog, batch } = batchSchema.parse(payload);
  const store = await openStaging(settings);
  const key = manifestKey(catalog, batch);
  const manifest = await store.get(key);
  if (manifest === null) return;
  const parsed = manifestSchema.safeParse(jsonOrNothing(manifest));
  if (!parsed.success) {
    throw new LazuliError('batch_damaged', `The bundles of batch ${batch} are unknown: ${key} can't be read.`, {
      remedy: `Restore that file; or notify of all bundles again (\`lazuli bundle add --all --catalog ${catalog}\`) and drop this letter.`,
      cause: parsed.error,
    });
  }
  const entries = parsed.data.bundles.map(({ action, number, source, uuid, version }) => ({
    partitionKey: uuid,
    data: encodeNotification({
      action,
      catalog,
      number: number ?? (action === 'add' ? 0 : 1),
      notification: { bundle_fqid: { uuid, version, source } },
    }),
  }));
  await put(settings, entries);
  if (isReplacing(batch)) await replaceByNothing(store, parsed.data);
  else await store.delete(key);
}

async function replaceByNothing(store: ObjectStore, { batch, catalog, plugin, admits }: Manifest): Promise<void> {
  const now = systemClock.now();
  const manifest: Manifest = {
    ...{ layout: layoutVersion, batch: newBatchId(now, { replacing: true }), catalog, plugin },
    ...{ replaces: [batch], drops: [], created: new Date(now).toISOString(), tables: {}, bundles: [] },
    ...(admits === undefined ? {} : { admits }),
  };
  await store.putIfAbsent(manifestKey(catalog, manifest.batch), jsonBytes(manifest));
}

async function put(settings: Settings, entries: Entries): Promise<void> {
  const client = createKinesisClient(settings);
  try {
    await putRecords(client, settings.kinesis.notifications, entries);
  } finally {
    client.destroy();
  }
}

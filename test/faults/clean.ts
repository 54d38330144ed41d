import { hash } from 'node:crypto';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { noFaults } from '../../core/runtime/ports.ts';
import { newBatchId } from '../../core/staged/layout.ts';
import { Batch } from '../../ingest/batch.ts';
import { normalizeBundle } from '../../ingest/normalize.ts';
import { closeBatch, stage } from '../../ingest/stage.ts';
import { defaultLimits } from '../rigs/default-limits.ts';
import { openTestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import type { Documents } from './indexed.ts';

/** A bundle to be put into the folder of a world. */
export interface WorldBundle {
  readonly fqid: BundleFqid;
  readonly bytes: Uint8Array;
}

/** One batch of everything, loaded once, every document computed once: nothing can go wrong on the way. */
export async function cleanRun(
  plugin: MetadataPlugin,
  added: readonly WorldBundle[],
  deleted: readonly BundleFqid[],
  attributes: Readonly<Record<string, string>>,
): Promise<Documents> {
  const catalog = await openTestCatalog(plugin);
  try {
    const batch = new Batch(plugin);
    for (const bundle of added) batch.add(addition(plugin, bundle, attributes));
    for (const fqid of deleted) batch.add(deletion(fqid));
    const now = systemClock.now();
    const closed = closeBatch(batch, { catalog: testCatalog, plugin, id: newBatchId(now), now });
    await stage(closed, { store: catalog.objects, putPointer: async () => {}, fault: noFaults, clock: systemClock });
    await catalog.loading.load([closed.manifest.batch]);
    return await catalog.sources();
  } finally {
    await catalog.close();
  }
}

function addition(plugin: MetadataPlugin, { fqid, bytes }: WorldBundle, attributes: Readonly<Record<string, string>>) {
  const normalized = normalizeBundle(plugin, fqid, { bytes, attributes }, defaultLimits.documentBytes);
  const contentHash = hash('sha256', bytes, 'hex');
  return { action: 'add', fqid, number: 0, contentHash, attributes, normalized, bytes: bytes.length } as const;
}

function deletion(fqid: BundleFqid) {
  return { action: 'delete', fqid, number: 1, contentHash: '', attributes: {}, normalized: null, bytes: 0 } as const;
}

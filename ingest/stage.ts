import { hash } from 'node:crypto';
import { LazuliError } from '../core/config/errors.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import type { Clock, FaultPoint, ObjectStore } from '../core/runtime/ports.ts';
import {
  layoutVersion,
  type Manifest,
  manifestKey,
  manifestSchema,
  type Pointer,
  tableKey,
} from '../core/staged/layout.ts';
import { toParquet } from '../core/staged/parquet/file.ts';
import type { Batch } from './batch.ts';

/** A closed micro-batch: what will be written, fixed, so that writing may be tried again. */
export interface ClosedBatch {
  readonly manifest: Manifest;
  readonly files: readonly { readonly key: string; readonly bytes: Uint8Array }[];
  readonly pointer: Pointer;
}

/** Puts one pointer to the stream `batches`, partitioned by catalog; resolves when acknowledged. */
export type PutPointer = (pointer: Pointer) => Promise<void>;

/** Encodes a batch that has at least one bundle. @param notified see `pointerSchema` */
export function closeBatch(
  batch: Batch,
  {
    catalog,
    plugin,
    id,
    now,
    replaces = [],
    notified,
    ...said
  }: {
    catalog: string;
    plugin: MetadataPlugin;
    id: string;
    now: number;
    replaces?: readonly string[];
    notified?: number;
  } & Pick<Manifest, 'admits' | 'staged'>,
): ClosedBatch {
  const tables = batch.recordBatches().map(({ name, schema, batch: rows }) => ({
    name,
    rows: rows.numRows,
    bytes: toParquet(rows, schema),
  }));
  const manifest: Manifest = {
    layout: layoutVersion,
    batch: id,
    catalog,
    replaces: [...replaces],
    drops: [],
    ...said,
    created: new Date(now).toISOString(),
    plugin: { name: plugin.name, version: plugin.version },
    tables: Object.fromEntries(
      tables.map(({ name, rows, bytes }) => [
        name,
        { rows, bytes: bytes.length, sha256: hash('sha256', bytes, 'hex') },
      ]),
    ),
    bundles: [...batch.bundles],
  };
  return {
    manifest: manifestSchema.parse(manifest),
    files: tables.map(({ name, bytes }) => ({ key: tableKey(catalog, name, id), bytes })),
    pointer: {
      ...{ catalog, batch: id, bundles: batch.bundles.map((b) => `${b.action} ${b.uuid}.${b.version}`) },
      ...(notified === undefined ? {} : { notified }),
    },
  };
}

/** Where batches go. */
export interface StagePorts {
  readonly store: ObjectStore;
  readonly putPointer: PutPointer;
  readonly fault: FaultPoint;
  readonly clock: Clock;
}

/**
 * Writes tables, then the manifest, which makes the batch exist, then the pointer (invariants 1–3).
 * May be tried again with the same batch: nothing is written twice under another name.
 *
 * @throws LazuliError `staging_unavailable`, or whatever putting the pointer throws
 */
export async function stage({ manifest, files, pointer }: ClosedBatch, ports: StagePorts): Promise<void> {
  await written(() => putAll(files, ports.store));
  ports.fault('ingest.tables-written');
  const json = Buffer.from(JSON.stringify(manifest), 'utf8');
  // false: an earlier attempt at this very batch wrote it, because its id is nobody else's
  await written(() => ports.store.putIfAbsent(manifestKey(manifest.catalog, manifest.batch), json));
  ports.fault('ingest.manifest-written');
  await ports.putPointer(pointer);
  ports.fault('ingest.pointer-put');
}

/** All tables at a time, so that their syncs overlap. Settles when none is being written any more. */
async function putAll(files: ClosedBatch['files'], store: ObjectStore): Promise<void> {
  const outcomes = await Promise.allSettled(files.map(({ key, bytes }) => store.put(key, bytes)));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function written(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (cause instanceof LazuliError) throw cause;
    throw new LazuliError('staging_unavailable', `Can't write to the staging store: ${(cause as Error).message}`, {
      remedy: 'Make room or correct permissions; ingest goes on by itself.',
      cause,
    });
  }
}

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../core/config/folder.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { FaultPoint, ObjectStore } from '../../core/runtime/ports.ts';
import { storageUnavailable } from '../../core/storage/storage-errors.ts';
import { copiesOf, isCopy, parseCopy, partKey, type StoreCopy } from './layout.ts';

export interface RestoreParts {
  readonly objects: ObjectStore;
  readonly catalog: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly fault: FaultPoint;
}

/**
 * Where there is no store, puts the last copy there that is whole and fits. The file is there as a whole or not at all;
 * that it is a copy is noted in it.
 *
 * @param layout of the store that is needed
 * @throws LazuliError `staging_unavailable` where copies can't be read, or the disk can't be written
 */
export async function restoreStore(
  { objects, catalog, logger, fault }: RestoreParts,
  file: string,
  layout: string,
): Promise<void> {
  if (existsSync(file)) return;
  const keys: string[] = [];
  for await (const key of objects.list(copiesOf(catalog))) if (isCopy(key)) keys.unshift(key);
  for (const key of keys) {
    const copy = parseCopy(await objects.get(key));
    const usable = copy?.layout === layout && (await write(objects, catalog, copy, partial(file)));
    if (!usable) {
      logger.warn({ catalog, key }, 'a copy of the store is damaged, or of another version');
      continue;
    }
    fault('transform.copy-read');
    // What a store that is gone has left would be taken for this one's.
    await rm(`${file}.wal`, { force: true });
    await rename(partial(file), file);
    logger.info({ catalog, key }, 'the store was restored from a copy');
    return;
  }
}

const partial = (file: string): string => `${file}.restoring`;

/** @returns false where a part is missing or isn't what it was */
async function write(objects: ObjectStore, catalog: string, copy: StoreCopy, file: string): Promise<boolean> {
  const target = await onDisk(file, async () => {
    makeFolder(dirname(file));
    return open(file, 'w');
  });
  try {
    for (const { sha256 } of copy.parts) {
      const bytes = await objects.get(partKey(catalog, copy.epoch, sha256));
      if (bytes === null || createHash('sha256').update(bytes).digest('hex') !== sha256) return false;
      await onDisk(file, () => append(target, bytes));
    }
    await onDisk(file, () => target.sync());
    return true;
  } finally {
    await target.close();
  }
}

async function append(target: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += (await target.write(bytes, written)).bytesWritten;
}

async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageUnavailable(file, error);
  }
}

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../core/config/folder.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { FaultPoint, ObjectStore } from '../../core/runtime/ports.ts';
import { severalAtATime } from '../../core/runtime/several.ts';
import { storageUnavailable } from '../../core/storage/storage-errors.ts';
import { copiesOf, isCopy, parseCopy, partKey, partsAtOnce, type StoreCopy } from './layout.ts';

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

/**
 * Puts a copy of a store there, for who computes from it.
 *
 * @returns false where it is gone, damaged, or of another layout than is needed
 * @throws LazuliError `staging_unavailable`
 */
export async function fetchCopy(
  { objects, catalog }: Pick<RestoreParts, 'objects' | 'catalog'>,
  key: string,
  file: string,
  layout: string,
): Promise<boolean> {
  if (!key.startsWith(copiesOf(catalog)) || !isCopy(key)) return false;
  const copy = parseCopy(await objects.get(key));
  return copy?.layout === layout && (await write(objects, catalog, copy, file));
}

const partial = (file: string): string => `${file}.restoring`;

/** @returns false where a part is missing or isn't what it was */
async function write(objects: ObjectStore, catalog: string, copy: StoreCopy, file: string): Promise<boolean> {
  const target = await onDisk(file, async () => {
    makeFolder(dirname(file));
    return open(file, 'w');
  });
  const offsets = offsetsOf(copy);
  let isWhole = true;
  try {
    await severalAtATime(partsAtOnce, copy.parts.entries(), async ([i, { sha256 }]) => {
      if (!isWhole) return;
      const bytes = await objects.get(partKey(catalog, copy.epoch, sha256));
      if (bytes !== null && createHash('sha256').update(bytes).digest('hex') === sha256)
        await onDisk(file, () => put(target, bytes, offsets[i] ?? 0));
      else isWhole = false;
    });
    await onDisk(file, () => target.sync());
    return isWhole;
  } finally {
    await target.close();
  }
}

/** Where each part begins. */
function offsetsOf({ parts }: StoreCopy): readonly number[] {
  let end = 0;
  return parts.map(({ bytes }) => {
    end += bytes;
    return end - bytes;
  });
}

async function put(target: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  let written = 0;
  while (written < bytes.length)
    written += (await target.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
}

async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageUnavailable(file, error);
  }
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { WrittenFile } from '../../core/staged/batches.ts';
import { errorCode, storageUnavailable } from '../../core/storage/storage-errors.ts';

/** How closely a file is looked at: whether it is there as a whole, or whether every byte is what was written. */
export type Closeness = 'size' | 'hash';

/**
 * What is wrong with a file, as the end of a sentence that begins with its key; null where nothing is. A part of it is in
 * memory at a time.
 *
 * @param path where it is on this machine
 * @throws LazuliError `staging_unavailable`
 */
export async function damageOf(
  path: string,
  { bytes, sha256 }: WrittenFile,
  closeness: Closeness,
): Promise<string | null> {
  try {
    const { size } = await stat(path);
    if (size !== bytes) return `has ${size} bytes; ${bytes} were written`;
    if (closeness === 'size' || sha256 === undefined) return null;
    return (await hashOf(path)) === sha256 ? null : 'is not what was written';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return 'is missing';
    throw storageUnavailable(path, error);
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
}

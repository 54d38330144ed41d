import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../config/folder.ts';
import { errorCode, storageUnavailable } from './storage-errors.ts';

/**
 * Writes a whole file or nothing, durably and for its owner only: a temporary file beside it is written, synced and renamed,
 * and the folder synced. Folders are made as needed.
 *
 * @param temporary folder in the same file system for the temporary file, in place of the file's own
 * @throws LazuliError `staging_unavailable`
 */
export async function writeAtomically(file: string, value: Uint8Array, temporary = dirname(file)): Promise<void> {
  await placed(file, value, temporary, (written) => rename(written, file));
}

/**
 * The same, but only where there is no such file: of several writers one wins.
 *
 * @returns whether this one did
 * @throws LazuliError `staging_unavailable`
 */
export async function createAtomically(file: string, value: Uint8Array, temporary = dirname(file)): Promise<boolean> {
  try {
    await placed(file, value, temporary, async (written) => {
      await link(written, file);
      await rm(written);
    });
    return true;
  } catch (error) {
    if (errorCode((error as Error).cause) === 'EEXIST') return false;
    throw error;
  }
}

async function placed(file: string, value: Uint8Array, temporary: string, place: (written: string) => Promise<void>) {
  const written = join(temporary, `${temporaryPrefix}${process.pid}-${randomBytes(8).toString('hex')}`);
  try {
    await inFolder(temporary, () => writeSynced(written, value));
    await inFolder(dirname(file), () => place(written));
    await syncFolder(dirname(file));
  } catch (error) {
    // What went wrong first is what matters; a file left behind is removed at the next start.
    await rm(written, { force: true }).catch(() => {});
    throw storageUnavailable(file, error);
  }
}

/** Names of temporary files start like this; no object's does. */
export const temporaryPrefix = '.tmp-';

async function writeSynced(file: string, value: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(value);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Makes the folder where it turns out to be absent: mostly it is there, and asking takes as long as writing. */
async function inFolder(folder: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await makeDurably(folder);
    await action();
  }
}

/** Folders that are new are synced into their parents, or a crash could lose them with all they hold. */
async function makeDurably(folder: string): Promise<void> {
  const first = makeFolder(folder, 0o700);
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Makes names that were added to or removed from a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

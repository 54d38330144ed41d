import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { LazuliError } from '../../../core/config/errors.ts';
import type { ByteRange, FileBytes } from '../../../core/model/file-bytes.ts';
import type { DataFile } from '../../../core/model/repository.ts';
import { type FoundFile, fileInside, isAbsent } from './inside.ts';

/** Of the folder. */
const dataFolder = 'data';

/**
 * A data file that lies in `data/` of the folder, in a folder of its UUID or without, under the name that its bundle's
 * manifest gives it. One of another size is another file.
 *
 * @returns null where it lies nowhere
 * @throws LazuliError `repository_unavailable`
 */
export async function findDataFile(folder: string, { uuid, name, size }: DataFile): Promise<FileBytes | null> {
  for (const place of [join(dataFolder, uuid, name), join(dataFolder, name)]) {
    const found = await fileAt(folder, place);
    if (found !== null && (size === null || found.size === size)) return bytesOf(found);
  }
  return null;
}

async function fileAt(folder: string, place: string): Promise<FoundFile | null> {
  try {
    const found = await fileInside(folder, place);
    if (typeof found === 'string') return null;
    // Names may have `..` in them, and `data` may be a link.
    return found.path.startsWith(join(await realpath(folder), dataFolder, sep)) ? found : null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw unreadable(place, error);
  }
}

function bytesOf(found: FoundFile): FileBytes {
  const { path, size, modified } = found;
  return {
    bytes: size,
    written: Number(modified / 1_000_000n),
    tag: `${size.toString(36)}-${modified.toString(36)}`,
    read: (range) => read(found, range).catch((error: unknown) => Promise.reject(unreadable(path, error))),
  };
}

async function read({ path, size, modified }: FoundFile, { first, last }: ByteRange): Promise<Readable> {
  if (last < first) return Readable.from([]);
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const opened = await handle.stat({ bigint: true });
  if (opened.mtimeNs === modified && Number(opened.size) === size)
    return handle.createReadStream({ start: first, end: last });
  await handle.close();
  throw new Error('it has just been changed');
}

const unreadable = (path: string, cause: unknown): LazuliError =>
  new LazuliError('repository_unavailable', `Can't read ${path}: ${(cause as Error).message}`, {
    remedy: 'Correct the folder of canned bundles.',
    cause,
  });

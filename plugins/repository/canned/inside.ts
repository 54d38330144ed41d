import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A file of a folder, symbolic links resolved. */
export interface FoundFile {
  readonly path: string;
  readonly size: number;
  /** nanoseconds since the epoch */
  readonly modified: bigint;
}

/**
 * Finds a file of the folder, and of nowhere else.
 *
 * @returns why not, where it is no file of the folder
 * @throws errors of the file system
 */
export async function fileInside(folder: string, name: string): Promise<FoundFile | 'outside' | 'no file'> {
  const root = await realpath(folder);
  const path = await realpath(join(root, name));
  if (!path.startsWith(root + sep)) return 'outside';
  const found = await stat(path, { bigint: true });
  return found.isFile() ? { path, size: Number(found.size), modified: found.mtimeNs } : 'no file';
}

/** Whether the error says that there is no such file, or that there can be none of that name. */
export function isAbsent(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(code);
}

import { readFile } from 'node:fs/promises';
import { LazuliError } from '../config/errors.ts';

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space; work goes on by itself then.',
  EDQUOT: 'The disk quota is used up: free some space or raise it; work goes on by itself then.',
  EROFS: 'The file system is read-only: mount it for writing, or configure another folder.',
  EACCES: 'Give this process permission to write there, or configure another folder.',
  EPERM: 'Give this process permission to write there, or configure another folder.',
  EMFILE: 'Raise the limit of open files (ulimit -n).',
  ENOTSUP: 'Use a file system that has hard links.',
  EOPNOTSUPP: 'Use a file system that has hard links.',
};

/** The system's code of an error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** A failure of the local disk: the shard pauses until somebody has seen to it. */
export function storageUnavailable(file: string, cause: unknown): LazuliError {
  const { message } = cause as Error;
  return new LazuliError('staging_unavailable', `${file} can't be read or written: ${message}`, {
    remedy: remedies[errorCode(cause) ?? ''] ?? 'Check the disk that holds it.',
    cause,
  });
}

/** The bytes of a file; null where there is none. @throws LazuliError `staging_unavailable` where it can't be read */
export async function readIfThere(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw storageUnavailable(file, error);
  }
}

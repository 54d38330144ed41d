import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LazuliError } from '../core/config/errors.ts';

/** Where a file of a command goes, whose name may not be known yet. */
export type Target =
  | { readonly kind: 'output' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string };

/** What `--output` means: `-` standard output, a folder the name that the file has of its own in there. */
export function targetOf(given: string | undefined): Target {
  if (given === '-') return { kind: 'output' };
  const path = resolve(given ?? '.');
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return { kind: isFolder ? 'folder' : 'file', path };
}

/** @param own a safe name that the file has of its own */
export const pathIn = (target: Exclude<Target, { kind: 'output' }>, own: string): string =>
  target.kind === 'file' ? target.path : join(target.path, own);

/** @throws LazuliError `usage` where no file can be written, or one is there that is to stay */
export function requireFree(file: string, force: boolean | undefined): void {
  if (!existsSync(dirname(file)))
    throw new LazuliError('usage', `There is no folder ${dirname(file)}.`, { remedy: 'Make it, or name another one.' });
  const there = statSync(file, { throwIfNoEntry: false });
  // A device, such as /dev/null, would be replaced by a file.
  if (there !== undefined && !there.isFile())
    throw new LazuliError('usage', `${file} is no file.`, { remedy: 'Name a file with -o; - is standard output.' });
  if (there === undefined || force) return;
  throw new LazuliError('usage', `${file} exists.`, {
    remedy: 'Name another file with -o, or replace it with --force.',
  });
}

/** Gives a file to whoever writes it, and puts it in its place whole, or not at all. @returns what the writing gave */
export async function placeWhole<T>(
  file: string,
  force: boolean | undefined,
  write: (part: string) => Promise<T>,
): Promise<T> {
  const part = join(dirname(file), `.lazuli-${process.pid}-${randomBytes(6).toString('hex')}.part`);
  try {
    const written = await write(part);
    requireFree(file, force);
    await rename(part, file);
    return written;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writes what comes to a new file. @param onBytes those written so far */
export async function writeTo(
  file: string,
  content: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<number> {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      bytes += chunk.length;
      onBytes(bytes);
      yield chunk;
    }
  }
  await pipeline(counted, createWriteStream(file, { flags: 'wx', flush: true }));
  return bytes;
}

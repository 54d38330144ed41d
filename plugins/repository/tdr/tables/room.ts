import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidPattern } from '../../../../core/config/identities.ts';
import { isOtherProcess } from '../scratch.ts';

/** Users in this process, by folder. */
const users = new Map<string, number>();
const markPattern = /^(.+)\.used-(\d+)$/;

/** A folder with a folder for each snapshot. All together have a bound; those that nobody uses go, the oldest first. */
export class Room {
  readonly #folder: string;
  readonly #maxBytes: number;

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  folderOf(id: string): string {
    if (!uuidPattern.test(id)) throw new TypeError('What is no UUID names no folder');
    return join(this.#folder, id);
  }

  /** Somebody uses the folder of a snapshot. @returns ends that */
  async enter(id: string): Promise<() => Promise<void>> {
    const folder = this.folderOf(id);
    await mkdir(this.#folder, { recursive: true });
    users.set(folder, (users.get(folder) ?? 0) + 1);
    await writeFile(markOf(folder), '');
    let isInside = true;
    return async () => {
      if (!isInside) return;
      isInside = false;
      const left = (users.get(folder) ?? 1) - 1;
      if (left > 0) return void users.set(folder, left);
      users.delete(folder);
      await rm(markOf(folder), { force: true });
    };
  }

  /** Deletes what nobody uses, until half of the room is free. */
  async make(): Promise<void> {
    const used = await this.#used();
    const kept = await this.#snapshots();
    let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    for (const { id, bytes: own } of kept.toSorted((a, b) => a.millis - b.millis)) {
      if (bytes <= this.#maxBytes / 2) return;
      if (used.has(id)) continue;
      await rm(join(this.#folder, id), { recursive: true, force: true });
      bytes -= own;
    }
  }

  /** @returns bytes */
  async left(): Promise<number> {
    return this.#maxBytes - (await bytesOf(this.#folder));
  }

  async #snapshots(): Promise<readonly { readonly id: string; readonly bytes: number; readonly millis: number }[]> {
    const found = [];
    for (const id of await readdir(this.#folder)) {
      if (!uuidPattern.test(id)) continue;
      const path = join(this.#folder, id);
      const entry = await lstat(path).catch(() => null);
      if (entry !== null) found.push({ id, bytes: await bytesOf(path), millis: entry.mtimeMs });
    }
    return found;
  }

  /** Marks of processes that died are deleted. */
  async #used(): Promise<ReadonlySet<string>> {
    const used = new Set<string>();
    for (const name of await readdir(this.#folder)) {
      const [, id, pid] = markPattern.exec(name) ?? [];
      if (id === undefined) continue;
      if (users.has(join(this.#folder, id)) || isOtherProcess(Number(pid))) used.add(id);
      else await rm(join(this.#folder, name), { force: true });
    }
    return used;
  }
}

const markOf = (folder: string): string => `${folder}.used-${process.pid}`;

/** Of a file, or of all in a folder; nothing where there is none, or none any more: others rename and delete meanwhile. */
export async function bytesOf(path: string): Promise<number> {
  const entry = await orGone(lstat(path), null);
  if (entry === null) return 0;
  if (!entry.isDirectory()) return entry.size;
  let bytes = 0;
  for (const name of await orGone(readdir(path), [])) bytes += await bytesOf(join(path, name));
  return bytes;
}

const orGone = <T, U>(looked: Promise<T>, gone: U): Promise<T | U> =>
  looked.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return gone;
    throw error;
  });

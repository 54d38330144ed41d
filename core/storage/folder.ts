import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../config/folder.ts';
import { systemClock } from '../runtime/clock.ts';
import type { ObjectStore } from '../runtime/ports.ts';
import { severalAtATime } from '../runtime/several.ts';
import { createAtomically, syncFolder, temporaryPrefix, writeAtomically } from './atomic-file.ts';
import { checkKey, checkPrefix } from './keys.ts';
import { errorCode, readIfThere, storageUnavailable } from './storage-errors.ts';

/** Puts that run at a time in `putAll`: enough for their syncs to overlap. */
const concurrentPuts = 8;
const temporaryFolder = '.tmp';
const staleMillis = 60 * 60 * 1000;

/**
 * Objects as files of a folder: a key is a path. Several processes may share the folder. What is put
 * is on the disk when the put resolves.
 *
 * All methods throw LazuliError: `configuration_invalid` for a key that can't be one,
 * `staging_unavailable` when the disk is full, read-only or broken.
 */
export class FolderStore implements ObjectStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await writeAtomically(this.#file(key), value, this.#temporary);
  }

  async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    return createAtomically(this.#file(key), value, this.#temporary);
  }

  /** Several puts, each atomic, at the same time. When one fails, some of the others may have been done. */
  async putAll(entries: Iterable<readonly [key: string, value: Uint8Array]>): Promise<void> {
    await severalAtATime(concurrentPuts, entries, ([key, value]) => this.put(key, value));
  }

  async get(key: string): Promise<Uint8Array | null> {
    return readIfThere(this.#file(key));
  }

  async delete(key: string): Promise<void> {
    const file = this.#file(key);
    await absentAsNull(file, async () => {
      await rm(file);
      await syncFolder(dirname(file));
    });
  }

  /** Reads one folder at a time. */
  async *list(prefix: string): AsyncGenerator<string> {
    const slash = checkPrefix(prefix).lastIndexOf('/');
    yield* this.#walk(prefix.slice(0, slash + 1), prefix);
  }

  async localPath(key: string): Promise<string> {
    return this.#file(key);
  }

  /** Makes the folder where it is absent, and removes what writers that were killed left behind. */
  async prepare(now = systemClock.now()): Promise<void> {
    try {
      makeFolder(this.#temporary);
      for (const name of await readdir(this.#temporary)) await removeStale(join(this.#temporary, name), now);
    } catch (error) {
      throw storageUnavailable(this.#root, error);
    }
  }

  async *#walk(folder: string, prefix: string): AsyncGenerator<string> {
    for (const name of await this.#names(folder)) {
      const path = folder + name;
      if (!path.startsWith(prefix)) continue;
      if (name.endsWith('/')) yield* this.#walk(path, prefix);
      else yield path;
    }
  }

  /** Names in a folder in the order of the keys that start with them; those of folders end with a slash. */
  async #names(folder: string): Promise<readonly string[]> {
    const path = join(this.#root, folder);
    const entries = await absentAsNull(path, () => readdir(path, { withFileTypes: true }));
    return (entries ?? [])
      .filter(({ name }) => !name.startsWith('.'))
      .map(printEntry)
      .sort();
  }

  #file(key: string): string {
    return join(this.#root, checkKey(key));
  }

  get #temporary(): string {
    return join(this.#root, temporaryFolder);
  }
}

function printEntry(entry: Dirent): string {
  return entry.isDirectory() ? `${entry.name}/` : entry.name;
}

/** A temporary file is gone by itself within seconds, unless its writer was killed. */
async function removeStale(file: string, now: number): Promise<void> {
  const found = await absentAsNull(file, () => stat(file));
  if (found === null || !file.includes(temporaryPrefix) || now - found.mtimeMs < staleMillis) return;
  await rm(file, { force: true });
}

async function absentAsNull<T>(file: string, action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw storageUnavailable(file, error);
  }
}

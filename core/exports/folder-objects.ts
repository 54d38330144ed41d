import { randomBytes } from 'node:crypto';
import { copyFile, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { makeFolder } from '../config/folder.ts';
import type { ByteRange } from '../model/file-bytes.ts';
import { syncFolder, temporaryPrefix } from '../storage/atomic-file.ts';
import { checkKey } from '../storage/keys.ts';
import { errorCode, storageUnavailable } from '../storage/storage-errors.ts';
import type { ResultObject, ResultObjects } from './objects.ts';

/** Results as files of a folder, which workers and the service share. */
export class FolderObjects implements ResultObjects {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(name: string, file: string): Promise<void> {
    const target = this.#file(name);
    const temporary = join(this.#root, `${temporaryPrefix}${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      makeFolder(this.#root, 0o700);
      // A link would keep the time of the file, which may have taken long to write.
      await copyFile(file, temporary);
      await sync(temporary);
      await rename(temporary, target);
      await syncFolder(this.#root);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw storageUnavailable(target, error);
    }
  }

  async stat(name: string): Promise<ResultObject | null> {
    const file = this.#file(name);
    const found = await this.#unlessAbsent(name, () => stat(file));
    return found === null ? null : { bytes: found.size, written: Math.floor(found.mtimeMs) };
  }

  async read(name: string, { first, last }: ByteRange): Promise<Readable> {
    const file = this.#file(name);
    if (last < first) return Readable.from([]);
    try {
      // What was opened can be read to its end, also where it is replaced or deleted meanwhile.
      return (await open(file, 'r')).createReadStream({ start: first, end: last });
    } catch (error) {
      throw storageUnavailable(file, error);
    }
  }

  async *list(): AsyncGenerator<string> {
    const names = await this.#unlessAbsent('', () => readdir(this.#root));
    for (const name of (names ?? []).sort()) if (!name.startsWith('.')) yield name;
  }

  async delete(name: string): Promise<void> {
    const file = this.#file(name);
    await this.#unlessAbsent(name, () => rm(file));
  }

  /** Removes what workers that were killed had begun to put before a time. */
  async removeLeftovers(before: number): Promise<void> {
    const names = (await this.#unlessAbsent('', () => readdir(this.#root))) ?? [];
    for (const name of names.filter((one) => one.startsWith(temporaryPrefix))) {
      const file = join(this.#root, name);
      const found = await this.#unlessAbsent(name, () => stat(file));
      if (found !== null && found.mtimeMs < before) await rm(file, { force: true });
    }
  }

  #file(name: string): string {
    return join(this.#root, name === '' ? '' : checkKey(name));
  }

  async #unlessAbsent<T>(name: string, action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw storageUnavailable(join(this.#root, name), error);
    }
  }
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

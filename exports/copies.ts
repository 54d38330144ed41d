import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../core/config/settings.ts';
import { openStaging } from '../core/deployment/stores.ts';
import type { ObjectStore } from '../core/runtime/ports.ts';
import { diskOf } from './disk.ts';

/** Objects for a job, until it is disposed of. */
export interface Reading extends AsyncDisposable {
  readonly objects: ObjectStore;
}

/** A local copy of an object. */
interface Copy {
  readonly path: string;
  readonly bytes: number;
  /** jobs that read it */
  readonly readers: number;
}

/**
 * The local copies of objects of a bucket that a worker has read. They stay for the next job as long as there is room; what a
 * job reads at the moment always stays. Objects that are read this way never change.
 */
export class Copies {
  readonly #objects: ObjectStore;
  readonly #maxBytes: number;
  /** by key; those that were asked for last are at the end */
  readonly #copies = new Map<string, Copy>();
  #bytes = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param objects whose local files are copies that nobody else uses */
  constructor(objects: ObjectStore, maxBytes: number) {
    this.#objects = objects;
    this.#maxBytes = maxBytes;
  }

  reading(): Reading {
    const objects = this.#objects;
    const keys = new Set<string>();
    return {
      objects: {
        put: (key, value) => objects.put(key, value),
        putIfAbsent: (key, value) => objects.putIfAbsent(key, value),
        get: (key) => objects.get(key),
        delete: (key) => objects.delete(key),
        list: (prefix) => objects.list(prefix),
        localPath: (key) => this.#inTurn(() => this.#take(key, keys)),
      },
      [Symbol.asyncDispose]: () => this.#inTurn(() => this.#leave(keys)),
    };
  }

  /** One after the other, so that nothing is removed that somebody is about to read. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #take(key: string, keys: Set<string>): Promise<string> {
    const path = await this.#objects.localPath(key);
    const bytes = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    const known = this.#copies.get(key);
    const readers = (known?.readers ?? 0) + (keys.has(key) ? 0 : 1);
    keys.add(key);
    this.#copies.delete(key);
    this.#copies.set(key, { path, bytes, readers });
    this.#bytes += bytes - (known?.bytes ?? 0);
    await this.#makeRoom();
    return path;
  }

  async #leave(keys: Set<string>): Promise<void> {
    for (const key of keys) {
      const copy = this.#copies.get(key);
      if (copy !== undefined) this.#copies.set(key, { ...copy, readers: copy.readers - 1 });
    }
    keys.clear();
    await this.#makeRoom();
  }

  async #makeRoom(): Promise<void> {
    for (const [key, { path, bytes, readers }] of this.#copies) {
      if (this.#bytes <= this.#maxBytes) return;
      if (readers > 0) continue;
      await rm(path, { force: true });
      this.#copies.delete(key);
      this.#bytes -= bytes;
    }
  }
}

/** What is staged, and how jobs read it. */
export interface Staged {
  readonly objects: ObjectStore;
  readonly reading: () => Reading;
}

/**
 * Opens what is staged for a worker: a folder is read where it is; of a bucket there are copies, for which there is as much
 * room as the worker's jobs leave of its disk.
 *
 * @param folder of this worker alone
 * @throws LazuliError `staging_unavailable`
 */
export async function openStaged(settings: Settings, folder: string): Promise<Staged> {
  const { s3, folders, exports } = settings;
  if (s3 === undefined) {
    const objects = await openStaging(settings);
    return { objects, reading: () => ({ objects, [Symbol.asyncDispose]: async () => {} }) };
  }
  const objects = await openStaging({ ...settings, folders: { ...folders, staging: join(folder, 'copies') } });
  const { bytes } = await diskOf(folder);
  const copies = new Copies(objects, bytes - exports.concurrentJobs * exports.temporaryBytes);
  return { objects, reading: () => copies.reading() };
}

import { LRUCache } from 'lru-cache';
import { attachment, safeFileName } from '../../../core/exports/file-names.ts';
import type { DataFile, FilePlace } from '../../../core/model/repository.ts';
import { placeOf } from './content.ts';
import { StoreRefusal } from './refusals.ts';
import type { Store } from './store.ts';
import { withoutColons } from './versions.ts';

/** files that are being made ready, and how long somebody may wait with the next question */
const remembered = { max: 10_000, ttl: 15 * 60 * 1000 };
const attempts = 2;
const maxSeconds = 60;

/** Finds out where stores have data files (specification, repository-plugins 2). */
export class Downloads {
  readonly #replica: string;
  /** where to ask again, by store and file: who asks elsewhere begins anew */
  readonly #waiting = new LRUCache<string, string>(remembered);

  constructor(replica: string) {
    this.#replica = replica;
  }

  /** @returns null where the store has no such file @throws LazuliError `repository_unavailable` */
  async locate(store: Store, file: DataFile, signal: AbortSignal): Promise<FilePlace | null> {
    const version = withoutColons(file.version);
    if (version === null) return null;
    const key = JSON.stringify([store.url, file.uuid, version, file.name]);
    const placed = await this.#ask(store, { ...file, version }, this.#waiting.get(key), signal);
    if (placed === null || 'url' in placed) {
      this.#waiting.delete(key);
      return placed === null ? null : { kind: 'url', url: placed.url };
    }
    this.#waiting.set(key, placed.again);
    return { kind: 'later', seconds: Math.min(placed.seconds, maxSeconds) };
  }

  /** The store signs the URL so that the file is saved under its name. */
  async #ask(store: Store, { uuid, version, name }: DataFile, again: string | undefined, signal: AbortSignal) {
    const path = `/files/${encodeURIComponent(uuid)}`;
    const query = { replica: this.#replica, version, content_disposition: attachment(safeFileName(name)) };
    const read = (answer: Parameters<typeof placeOf>[0]) => placeOf(answer, store);
    try {
      return again === undefined
        ? await store.ask({ path, query, attempts }, read, signal)
        : await store.askAt(again, { attempts }, read, signal);
    } catch (error) {
      if (!(error instanceof StoreRefusal)) throw error;
      // A token that has expired is none: the next question begins anew.
      if (again !== undefined && error.code === 'illegal_token')
        return { again: store.urlOf({ path, query }), seconds: 1 };
      return null;
    }
  }
}

import type { ObjectStore } from '../streams/ports.ts';
import { isRewritten, manifestKey, manifestPrefix, manifestSchema } from './layout.ts';

/** The staged batches of a catalog at one moment, oldest first. */
export interface SnapshotOfBatches {
  /** those that count */
  readonly live: readonly string[];
  /** what stands for others, by batch, whether that is still there or not */
  readonly replacedBy: ReadonlyMap<string, string>;
  /** those that are still there, though others stand for them */
  readonly retired: readonly string[];
}

/**
 * Finds out which staged batches count (architecture, invariant 2): all that have a manifest and that no other manifest
 * replaces. Manifests never change, so those that replace others are read once.
 */
export class Snapshot {
  readonly #objects: ObjectStore;
  readonly #catalog: string;
  readonly #replaced = new Map<string, readonly string[]>();

  constructor(objects: ObjectStore, catalog: string) {
    this.#objects = objects;
    this.#catalog = catalog;
  }

  async read(): Promise<SnapshotOfBatches> {
    const batches: string[] = [];
    const folder = manifestPrefix(this.#catalog);
    for await (const key of this.#objects.list(folder))
      if (key.endsWith('.json')) batches.push(key.slice(folder.length, -'.json'.length));
    const replacedBy = new Map<string, string>();
    for (const by of batches.filter(isRewritten))
      for (const batch of await this.#replacedBy(by)) replacedBy.set(batch, by);
    return {
      live: batches.filter((batch) => !replacedBy.has(batch)),
      retired: batches.filter((batch) => replacedBy.has(batch)),
      replacedBy,
    };
  }

  /** What a manifest that can't be read replaces isn't known: those batches count as long as they are there. */
  async #replacedBy(batch: string): Promise<readonly string[]> {
    const known = this.#replaced.get(batch);
    if (known !== undefined) return known;
    const bytes = await this.#objects.get(manifestKey(this.#catalog, batch));
    const { data } = manifestSchema.safeParse(bytes === null ? null : parsed(bytes));
    if (data === undefined) return [];
    this.#replaced.set(batch, data.replaces);
    return data.replaces;
  }
}

/** @returns undefined for what is no JSON */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

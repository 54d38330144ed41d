import { parsedJson } from '../config/text.ts';
import type { ObjectStore } from '../runtime/ports.ts';
import { type Manifest, manifestPrefix, manifestSchema, tableKey } from './layout.ts';
import { counting } from './standings.ts';

/** The staged batches of a catalog, as their manifests say. Manifests never change: each is read once. */
export class StagedBatches {
  readonly #store: ObjectStore;
  readonly #catalog: string;
  readonly #manifests = new Map<string, Manifest>();

  constructor(store: ObjectStore, catalog: string) {
    this.#store = store;
    this.#catalog = catalog;
  }

  /** @returns the manifests of all batches that count by now, oldest first */
  async read(): Promise<readonly Manifest[]> {
    for await (const key of this.#store.list(manifestPrefix(this.#catalog))) {
      if (!key.endsWith('.json') || this.#manifests.has(key)) continue;
      const bytes = await this.#store.get(key);
      if (bytes !== null) this.#manifests.set(key, manifestSchema.parse(parsedJson(bytes)));
    }
    const all = [...this.#manifests.values()];
    const said = all.map(({ batch, replaces, admits = [] }) => [batch, { replaces, admits }] as const);
    const { live } = counting(
      all.map(({ batch }) => batch),
      new Map(said),
    );
    const known = new Set(live);
    return all.filter(({ batch }) => known.has(batch)).sort((a, b) => (a.created < b.created ? -1 : 1));
  }
}

/** Keys of the files of each table of a catalog, of the batches that count at this moment. A table without rows is missing. */
export async function stagedKeys(catalog: string, store: ObjectStore): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys = new Map<string, string[]>();
  for (const { batch, tables } of await new StagedBatches(store, catalog).read()) {
    for (const table of Object.keys(tables)) {
      const list = keys.get(table) ?? [];
      keys.set(table, list);
      list.push(tableKey(catalog, table, batch));
    }
  }
  return keys;
}

/** Paths of these files on this machine: those of a bucket are fetched, so no more are asked for than will be read. */
export async function localPaths(keys: readonly string[], store: ObjectStore): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const key of keys) paths.push(await store.localPath(key));
  return paths;
}

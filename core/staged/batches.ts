import { basename } from 'node:path';
import { LazuliError } from '../config/errors.ts';
import { jsonOrNothing } from '../config/text.ts';
import type { ObjectStore } from '../runtime/ports.ts';
import { type Manifest, manifestPrefix, manifestSchema, tableKey } from './layout.ts';
import { counting } from './standings.ts';

/** Batches that count by now, oldest first, and the keys of manifests among them that can't be read. */
export interface CountingBatches {
  readonly manifests: readonly Manifest[];
  readonly damaged: readonly string[];
}

/** The staged batches of a catalog, as their manifests say. Manifests never change: each is read once. */
export class StagedBatches {
  readonly #store: ObjectStore;
  readonly #catalog: string;
  readonly #manifests = new Map<string, Manifest>();

  constructor(store: ObjectStore, catalog: string) {
    this.#store = store;
    this.#catalog = catalog;
  }

  /**
   * The manifests of all batches that count by now, oldest first.
   *
   * @throws LazuliError `batch_damaged` where one can't be read: what is left would pass for everything
   */
  async read(): Promise<readonly Manifest[]> {
    const { manifests, damaged } = await this.readable();
    const [first] = damaged;
    if (first === undefined) return manifests;
    throw damagedStaging(`${damaged.length} manifests can't be read, such as ${first}`, this.#catalog);
  }

  /** The same where some may be damaged. */
  async readable(): Promise<CountingBatches> {
    const damaged = new Map<string, string>();
    const there = new Set<string>();
    for await (const key of this.#store.list(manifestPrefix(this.#catalog))) {
      there.add(key);
      if (!key.endsWith('.json') || this.#manifests.has(key)) continue;
      const bytes = await this.#store.get(key);
      if (bytes === null) continue;
      const { data } = manifestSchema.safeParse(jsonOrNothing(bytes));
      if (data === undefined || data.batch !== basename(key, '.json')) damaged.set(basename(key, '.json'), key);
      else this.#manifests.set(key, data);
    }
    for (const key of this.#manifests.keys()) if (!there.has(key)) this.#manifests.delete(key);
    const all = [...this.#manifests.values()];
    const said = all.map(({ batch, replaces, admits = [] }) => [batch, { replaces, admits }] as const);
    const { live } = counting([...all.map(({ batch }) => batch), ...damaged.keys()], new Map(said));
    const known = new Set(live);
    return {
      manifests: all.filter(({ batch }) => known.has(batch)).sort((a, b) => (a.created < b.created ? -1 : 1)),
      damaged: [...damaged].flatMap(([batch, key]) => (known.has(batch) ? [key] : [])),
    };
  }
}

/** What is staged of a catalog isn't what was: what to do about it. */
export function damagedStaging(what: string, catalog: string): LazuliError {
  return new LazuliError('batch_damaged', `What is staged of ${catalog} is damaged: ${what}.`, {
    remedy: `${stagedRemedy(catalog)} \`lazuli verify --deep --catalog ${catalog}\` lists all that is damaged.`,
  });
}

/** What to do about a staged file or a manifest that is damaged. */
export const stagedRemedy = (catalog: string): string =>
  `Restore it from a backup, or have everything fetched and staged again: \`lazuli reindex --from repository --catalog ${catalog}\`.`;

/**
 * Keys of files that batches name and that aren't there. Folders are listed, and no file is read.
 *
 * @param batches with the tables that their manifests name
 */
export async function missingFiles(
  store: Pick<ObjectStore, 'list'>,
  catalog: string,
  batches: readonly { readonly batch: string; readonly tables: readonly string[] }[],
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const table of new Set(batches.flatMap(({ tables }) => tables))) {
    const there = new Set<string>();
    for await (const key of store.list(`${catalog}/${table}/`)) there.add(key);
    const named = batches.filter(({ tables }) => tables.includes(table));
    missing.push(...named.map(({ batch }) => tableKey(catalog, table, batch)).filter((key) => !there.has(key)));
  }
  return missing;
}

/** A file as it was written. */
export interface WrittenFile {
  readonly key: string;
  readonly bytes: number;
  /** lower-case hex; absent in snapshots from before there were sums */
  readonly sha256?: string | undefined;
}

/** The files of each table of a catalog, of the batches that count at this moment. A table without rows is missing. */
export async function stagedFiles(
  catalog: string,
  store: ObjectStore,
): Promise<ReadonlyMap<string, readonly WrittenFile[]>> {
  const files = new Map<string, WrittenFile[]>();
  for (const { batch, tables } of await new StagedBatches(store, catalog).read()) {
    for (const [table, { bytes, sha256 }] of Object.entries(tables)) {
      const list = files.get(table) ?? [];
      files.set(table, list);
      list.push({ key: tableKey(catalog, table, batch), bytes, sha256 });
    }
  }
  return files;
}

/** Their keys alone. */
export async function stagedKeys(catalog: string, store: ObjectStore): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = await stagedFiles(catalog, store);
  return new Map([...files].map(([table, all]) => [table, all.map(({ key }) => key)]));
}

/** Paths of these files on this machine: those of a bucket are fetched, so no more are asked for than will be read. */
export async function localPaths(keys: readonly string[], store: ObjectStore): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const key of keys) paths.push(await store.localPath(key));
  return paths;
}

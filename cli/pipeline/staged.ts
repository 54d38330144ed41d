import { parsedJson } from '../../core/config/text.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { type Manifest, manifestPrefix, manifestSchema } from '../../core/staged/layout.ts';
import { counting } from '../../core/staged/snapshot.ts';
import { actionKey } from './fed.ts';

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

/** Different notifications among the bundles of batches, by source id. */
export function bundlesBySource(manifests: readonly Manifest[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { bundles } of manifests) {
    for (const { action, source, uuid, version } of bundles) {
      const keys = found.get(source.id) ?? new Set();
      found.set(source.id, keys.add(actionKey({ action, uuid, version, source })));
    }
  }
  return found;
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, manifestSchema } from '../../ingest/layout.ts';
import { actionKey } from './fed.ts';

/** The staged batches of a catalog, as their manifests say. Manifests never change: each is read once. */
export class StagedBatches {
  readonly #folder: string;
  readonly #manifests = new Map<string, Manifest>();

  /** @param staging the staging folder */
  constructor(staging: string, catalog: string) {
    this.#folder = join(staging, catalog, 'manifests');
  }

  /** @returns every manifest there is by now, oldest first */
  read(): readonly Manifest[] {
    if (!existsSync(this.#folder)) return [];
    for (const name of readdirSync(this.#folder)) {
      if (!name.endsWith('.json') || this.#manifests.has(name)) continue;
      this.#manifests.set(name, manifestSchema.parse(JSON.parse(readFileSync(join(this.#folder, name), 'utf8'))));
    }
    return [...this.#manifests.values()].sort((a, b) => (a.created < b.created ? -1 : 1));
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

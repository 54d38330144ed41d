import type { Manifest } from '../../core/staged/layout.ts';
import { actionKey } from './fed.ts';

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

import type { Store } from './store.ts';

/** By source of a store: of how many bundles it has any version, deleted ones included. */
export async function storedBundles(store: Store): Promise<ReadonlyMap<string, number>> {
  const rows = await store.rows(
    'SELECT source_id, count(DISTINCT lower(bundle_uuid)) AS bundles FROM bundles GROUP BY source_id',
  );
  return new Map(rows.map(({ source_id, bundles }) => [String(source_id), Number(bundles)]));
}

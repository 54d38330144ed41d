import { z } from 'zod';
import { text } from '../../core/duckdb/sql.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { indexOf } from '../generations/indices.ts';
import { mappingOf, storedDocuments } from '../sink/answers.ts';

/** Documents that are read at once: of what vanished. */
const page = 500;
/** Rows of a statement. */
const most = 5000;

const made = z.object({ pluginVersion: z.int() });
const bundle = z.object({ uuid: z.string(), version: z.string() });
const source = z.object({ bundles: z.array(bundle).default([]), _deleted: z.boolean().optional() });

/**
 * Counts documents of an index that nothing on record explains the loss of: the store knows nothing of a bundle that they
 * are made of, neither that it was added nor that it was deleted. Where another version of the plug-in made them nothing
 * explains it, as their bundles may have been read otherwise.
 *
 * @param vanished SQL of their `entity_id`
 * @throws LazuliError `index_unavailable`
 */
export async function unexplained(
  context: CatalogContext,
  { entityType, generation }: { readonly entityType: string; readonly generation: number },
  vanished: string,
): Promise<number> {
  const { store, plugin, cluster } = context;
  const ids = (await store.rows(`SELECT entity_id FROM (${vanished}) ORDER BY entity_id`)).map((row) =>
    String(row.entity_id),
  );
  const index = indexOf(context, entityType, generation);
  if (ids.length === 0) return 0;
  const { _meta } = await mappingOf(cluster, index);
  if (made.safeParse(_meta).data?.pluginVersion !== plugin.version) return ids.length;
  await store.run(
    'CREATE OR REPLACE TEMP TABLE mentioned (entity_id VARCHAR, bundle_uuid VARCHAR, bundle_version VARCHAR)',
  );
  for (let i = 0; i < ids.length; i += page) await mention(context, index, ids.slice(i, i + page));
  return store.number(`SELECT count(DISTINCT entity_id) FROM mentioned WHERE (bundle_uuid, bundle_version) NOT IN (
    SELECT (bundle_uuid, bundle_version) FROM bundles UNION SELECT (bundle_uuid, bundle_version) FROM deletions)`);
}

/**
 * Of which bundles documents are made; one that names none is of one that nobody knows. One that a superseded worker has
 * deleted since it was found isn't served any more.
 */
async function mention({ cluster, store }: CatalogContext, index: string, ids: readonly string[]): Promise<void> {
  const places = ids.map((_id) => ({ _index: index, _id }));
  const found = await storedDocuments(cluster, places, source);
  const rows = found.flatMap((document) => {
    if (document === null || document._source._deleted === true) return [];
    const { _id, _source } = document;
    const { bundles } = _source;
    const named = bundles.length === 0 ? [{ uuid: '', version: '' }] : bundles;
    return named.map(({ uuid, version }) => `(${text(_id)}, ${text(uuid)}, ${text(version)})`);
  });
  for (let i = 0; i < rows.length; i += most)
    await store.run(`INSERT INTO mentioned VALUES ${rows.slice(i, i + most).join(', ')}`);
}

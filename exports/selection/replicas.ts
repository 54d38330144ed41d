import { join } from 'node:path';
import { documentColumns } from '../../core/documents/document-columns.ts';
import { name, text, texts } from '../../core/duckdb/sql.ts';
import { idColumn } from '../../core/model/fields.ts';
import { documentsTable, replicasRole } from '../../core/model/normalized.ts';
import { localPaths, stagedKeys } from '../../core/staged/batches.ts';
import { bundlesTable, entitiesTable, membersTable } from '../../core/staged/layout.ts';
import { byNumber } from '../formats/numbered.ts';
import type { SelectionParts, Statements } from './parts.ts';

const tables = [bundlesTable.name, entitiesTable, membersTable.name, documentsTable];

/**
 * Verbatim entities of which the selected documents are hubs (specification, manifests 8): as they are staged in just those
 * bundle versions that the documents are made of, so that they are of the same moment. Those of which every document of a
 * source is a hub are found by their id. They come in the order of numbers of bundles and rows, which are the same whichever
 * batches have them.
 *
 * @param value SQL of what an entity is as text
 */
export async function* replicasOf(
  selection: Statements,
  parts: Pick<SelectionParts, 'catalog' | 'objects' | 'plugin' | 'entityType' | 'temporary'>,
  value: string,
): AsyncGenerator<readonly Buffer[]> {
  const keys = await stagedKeys(parts.catalog, parts.objects);
  if (tables.some((table) => !keys.has(table))) return;
  for (const table of tables) {
    const paths = await localPaths(keys.get(table) ?? [], parts.objects);
    await selection.run(
      `CREATE OR REPLACE VIEW ${staged(table)} AS FROM read_parquet(${texts(paths)}, union_by_name = true)`,
    );
  }
  await selection.run(`CREATE OR REPLACE TABLE found AS ${foundSelect(parts)}`);
  await selection.run(`CREATE OR REPLACE TABLE chosen AS ${chosenSelect}`);
  const from = `${documents} JOIN chosen USING (bundle, "row")`;
  yield* byNumber(selection, { id: 'number', value, from }, join(parts.temporary, 'replicas'));
}

const staged = (table: string): string => name(`staged_${table}`);
const documents = staged(documentsTable);

/** Entities by bundle and row, without a look at their contents, which are most of what is staged. */
function foundSelect({ plugin, entityType }: Pick<SelectionParts, 'plugin' | 'entityType'>): string {
  const hub = `${plugin.implicitHub}.${idColumn}`;
  const column = documentColumns(plugin, entityType).find(({ name: known }) => known === hub);
  const hubs = `SELECT bundle, "row" FROM ${documents} WHERE bundle IN (${liveBundles})
      AND document_id IN (SELECT DISTINCT unnest(${name(hub)}) FROM selected)`;
  return `WITH wanted AS (SELECT entity_id, source_ids, unnest(bundle_uuids) AS bundle_uuid, unnest(bundle_versions) AS bundle_version FROM selected),
    copies AS (${newestCopies}),
    made AS (SELECT entity_id, bundle FROM wanted JOIN copies USING (bundle_uuid, bundle_version) WHERE list_contains(source_ids, source_id)),
    sets AS (SELECT DISTINCT bundle, ${name(replicasRole)} AS "set" FROM made JOIN ${staged(entitiesTable)} USING (bundle, entity_id)
      WHERE entity_type = ${text(entityType)}),
    places AS (SELECT DISTINCT bundle, "row" FROM ${staged(membersTable.name)} SEMI JOIN sets USING (bundle, "set")
      ${column === undefined ? '' : `UNION ALL ${hubs}`})
    SELECT bundle, "row", replica_type, document_id FROM ${documents} SEMI JOIN places USING (bundle, "row")
    WHERE replica_type IS NOT NULL`;
}

/** Numbers of a bundle and a row in one, which is faster to compare. */
const joined = '(bundle::HUGEINT << 32) | "row"';

/**
 * Those that are written, each with a number. Several bundles may have an entity, or one of the same id and type: only then it
 * matters whether contents are the same.
 */
const chosenSelect = `WITH repeated AS (SELECT replica_type, document_id FROM found GROUP BY ALL HAVING count(*) > 1),
    copies AS (FROM found SEMI JOIN repeated USING (replica_type, document_id)),
    firsts AS (SELECT min(${joined}) AS first FROM ${documents} SEMI JOIN copies USING (bundle, "row")
      GROUP BY replica_type, document_id, md5_number(contents)),
    each AS (SELECT bundle, "row" FROM found ANTI JOIN repeated USING (replica_type, document_id)
      UNION ALL SELECT (first >> 32)::BIGINT, (first & 4294967295)::INTEGER FROM firsts)
  SELECT bundle, "row", row_number() OVER (ORDER BY bundle, "row") AS number FROM each`;

/** Of several staged copies of a bundle version the one that counts (architecture, invariant 4). */
const newestCopies = `SELECT source_id, bundle_uuid, bundle_version, arg_max(bundle, (normalizer_version, content_hash, source_spec, attributes)) AS bundle
  FROM ${staged(bundlesTable.name)} WHERE action = 'add' GROUP BY source_id, bundle_uuid, bundle_version`;

/** Of the sources of the selected documents, the newest version of each bundle that isn't deleted. */
const liveBundles = `SELECT arg_max(bundle, bundle_version) AS bundle FROM (${newestCopies}) c
  WHERE source_id IN (SELECT unnest(source_ids) FROM selected) AND NOT EXISTS (
    FROM ${staged(bundlesTable.name)} d WHERE d.action = 'delete'
      AND (d.source_id, d.bundle_uuid, d.bundle_version) = (c.source_id, c.bundle_uuid, c.bundle_version)
      AND NOT EXISTS (FROM ${staged(bundlesTable.name)} r WHERE r.action = 'restore' AND r.number >= d.number
        AND (r.source_id, r.bundle_uuid, r.bundle_version) = (d.source_id, d.bundle_uuid, d.bundle_version)))
  GROUP BY source_id, bundle_uuid`;

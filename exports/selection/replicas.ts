import { join } from 'node:path';
import { parsedJson, textOf } from '../../core/config/text.ts';
import { documentColumns } from '../../core/documents/document-columns.ts';
import { name, text, texts } from '../../core/duckdb/sql.ts';
import { idColumn } from '../../core/model/fields.ts';
import { documentsTable, replicasRole } from '../../core/model/normalized.ts';
import { localPaths, stagedKeys } from '../../core/staged/batches.ts';
import { bundlesTable, entitiesTable, membersTable } from '../../core/staged/layout.ts';
import { inOrder, type Ordered } from '../formats/spool.ts';
import type { SelectionParts, Statements } from './parts.ts';

/** A metadata entity as it stood in a bundle. */
export interface Replica {
  readonly type: string;
  readonly id: string;
  /** JSON text */
  readonly contents: string;
}

const tables = [bundlesTable.name, entitiesTable, membersTable.name, documentsTable];

/**
 * Verbatim entities of which the selected documents are hubs (specification, manifests 8): as they are staged in just those
 * bundle versions that the documents are made of, so that they are of the same moment. Those of which every document of a
 * source is a hub are found by their id.
 */
export async function* replicasOf(selection: Statements, parts: SelectionParts): AsyncGenerator<readonly Replica[]> {
  const keys = await stagedKeys(parts.catalog, parts.objects);
  if (tables.some((table) => !keys.has(table))) return;
  for (const table of tables) {
    const paths = await localPaths(keys.get(table) ?? [], parts.objects);
    await selection.run(
      `CREATE OR REPLACE VIEW ${staged(table)} AS FROM read_parquet(${texts(paths)}, union_by_name = true)`,
    );
  }
  await selection.run(`CREATE OR REPLACE TABLE found AS ${foundSelect(parts)}`);
  for await (const some of inOrder(selection, foundDocuments, join(parts.temporary, 'replicas')))
    yield some.map(replicaOf);
}

/** As JSON of type and id, a tab, and the contents. */
const foundDocuments: Ordered = {
  id: 'concat(to_json(replica_type), to_json(document_id), sha256(contents))',
  value: 'concat(to_json([replica_type, document_id]), chr(9), contents)',
  from: `(FROM ${name(`staged_${documentsTable}`)} SEMI JOIN found USING (bundle, "row") WHERE replica_type IS NOT NULL)`,
  isDistinct: true,
};

const staged = (table: string): string => name(`staged_${table}`);

function foundSelect({ plugin, entityType }: SelectionParts): string {
  const made = `WITH wanted AS (SELECT entity_id, source_ids, unnest(bundle_uuids) AS bundle_uuid, unnest(bundle_versions) AS bundle_version FROM selected),
    copies AS (${newestCopies}),
    made AS (SELECT entity_id, bundle FROM wanted JOIN copies USING (bundle_uuid, bundle_version) WHERE list_contains(source_ids, source_id))
    SELECT DISTINCT m.bundle, m."row" FROM made JOIN ${staged(entitiesTable)} e USING (bundle, entity_id)
      JOIN ${staged(membersTable.name)} m ON m.bundle = e.bundle AND m."set" = e.${name(replicasRole)}
      WHERE e.entity_type = ${text(entityType)}`;
  const hub = `${plugin.implicitHub}.${idColumn}`;
  const column = documentColumns(plugin, entityType).find(({ name: known }) => known === hub);
  if (column === undefined) return made;
  return `${made} UNION SELECT d.bundle, d."row" FROM ${staged(documentsTable)} d JOIN (${liveBundles}) USING (bundle)
    WHERE d.document_id IN (SELECT unnest(${name(hub)}) FROM selected)`;
}

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

function replicaOf(row: Buffer): Replica {
  const tab = row.indexOf('\t');
  const [type, id] = parsedJson(row.subarray(0, tab)) as [string, string];
  return { type, id, contents: textOf(row.subarray(tab + 1)) };
}

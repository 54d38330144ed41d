import { name } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { documentsTable } from '../../core/model/normalized.ts';
import { entitiesTable, membersTable, roleNames, type StagedColumn, stagedTables } from '../../core/staged/layout.ts';

/** An entity by the number of its type. */
export interface EntityKey {
  readonly entityType: number;
  readonly entityId: string;
}

/** A closed range of `bundle_key`. */
export interface KeyRange {
  readonly low: number;
  readonly high: number;
}

/**
 * The columnar store of one catalog. Staged tables keep their columns, but that the wide key of a
 * bundle becomes a dense integer, `bundle_key`, in the order of loading: rows of a bundle stay
 * together, and ranges of bundles can be read without the rest. `entity_type` becomes its number.
 *
 * - `batches`: those that are loaded; `staged`: by when all that they have was, in milliseconds since the epoch
 * - `bundles`: stored additions; `selected` marks the newest live version of a (source, bundle uuid),
 *   `contributions` counts the addition and its deletion (specification, indexing 6, `num_contributions`)
 * - `deletions`: masks, also of versions that were never added; `restores` cancel those whose number isn't larger
 * - `row_ids`: document_id of every inner row, for reconciling without reading wide rows; where copies complete each other,
 *   followed by what the row lacks
 * - `outbox`: entities to be written; `commit` is that of the last load that touched them, `since` that of the first
 * - `generations`: those that this store has written from their beginning and keeps current; at most one isn't built yet
 * - `ledger`: what each of them must hold: hashes of documents, see `Ledger`
 * - `unbuilt`, `buckets`: what is left to be built of that one, and in which parts
 * - `bucket_sources`: how many documents of each source a part had when it was planned
 * - `snapshot_rows`, `snapshot_files`: what is to be published of documents, and files of what was (`snapshots`)
 */
export function storeSchema(plugin: MetadataPlugin): readonly string[] {
  return [
    'CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)',
    'CREATE TABLE batches (batch VARCHAR PRIMARY KEY, bundles INTEGER NOT NULL, bytes BIGINT NOT NULL, loaded BIGINT NOT NULL, staged BIGINT NOT NULL)',
    `CREATE TABLE bundles (bundle_key INTEGER NOT NULL, source_id VARCHAR NOT NULL, source_spec VARCHAR NOT NULL,
       bundle_uuid VARCHAR NOT NULL, bundle_version VARCHAR NOT NULL, normalizer_version INTEGER NOT NULL,
       content_hash VARCHAR NOT NULL, attributes VARCHAR NOT NULL, selected BOOLEAN NOT NULL, contributions INTEGER NOT NULL)`,
    `CREATE TABLE deletions (source_id VARCHAR NOT NULL, bundle_uuid VARCHAR NOT NULL, bundle_version VARCHAR NOT NULL,
       number INTEGER NOT NULL)`,
    `CREATE TABLE restores (source_id VARCHAR NOT NULL, bundle_uuid VARCHAR NOT NULL, bundle_version VARCHAR NOT NULL,
       number INTEGER NOT NULL)`,
    `CREATE TABLE ${name(entitiesTable)} (bundle_key INTEGER NOT NULL, entity_type TINYINT NOT NULL,
       entity_id VARCHAR NOT NULL${roleNames(plugin)
         .map((role) => `, ${name(role)} INTEGER`)
         .join('')})`,
    `CREATE TABLE ${name(membersTable.name)} (bundle_key INTEGER NOT NULL, "set" INTEGER NOT NULL, "row" INTEGER NOT NULL)`,
    'CREATE TABLE row_ids (bundle_key INTEGER NOT NULL, "row" INTEGER NOT NULL, document_id VARCHAR)',
    ...rowTables(plugin).map(
      (table) => `CREATE TABLE ${name(table.name)} (bundle_key INTEGER NOT NULL, ${rowColumns(table.columns)})`,
    ),
    'CREATE TABLE outbox (entity_type TINYINT NOT NULL, entity_id VARCHAR NOT NULL, commit BIGINT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (entity_type, entity_id))',
    'CREATE TABLE generations (generation INTEGER PRIMARY KEY, layout VARCHAR NOT NULL, built BOOLEAN NOT NULL)',
    `CREATE TABLE ledger (generation INTEGER NOT NULL, entity_type TINYINT NOT NULL, entity_id VARCHAR NOT NULL,
       commit BIGINT NOT NULL, hash BIGINT NOT NULL)`,
    `CREATE TABLE unbuilt (entity_type TINYINT NOT NULL, entity_id VARCHAR NOT NULL, several BOOLEAN NOT NULL,
       first INTEGER NOT NULL, last INTEGER NOT NULL, part INTEGER NOT NULL)`,
    `CREATE TABLE buckets (bucket INTEGER NOT NULL, several BOOLEAN NOT NULL, part INTEGER NOT NULL, documents BIGINT NOT NULL,
       low INTEGER NOT NULL, high INTEGER NOT NULL, written BOOLEAN NOT NULL)`,
    'CREATE TABLE bucket_sources (bucket INTEGER NOT NULL, source_id VARCHAR NOT NULL, documents BIGINT NOT NULL)',
    `CREATE TABLE snapshot_rows (entity_type TINYINT NOT NULL, entity_id VARCHAR NOT NULL, "commit" BIGINT NOT NULL, hash UBIGINT, body VARCHAR)`,
    `CREATE TABLE snapshot_files (generation INTEGER, entity_type TINYINT NOT NULL, key VARCHAR NOT NULL, rows BIGINT NOT NULL,
       bytes BIGINT NOT NULL, sha256 VARCHAR NOT NULL, hashes VARCHAR NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL)`,
  ];
}

/** The tables of inner rows, verbatim documents among them. */
export function rowTables(plugin: MetadataPlugin) {
  return stagedTables(plugin).filter(({ name }) => name === documentsTable || Object.hasOwn(plugin.tables, name));
}

/** Tables whose rows belong to one bundle and go with it. */
export function bundleTables(plugin: MetadataPlugin): readonly string[] {
  return [entitiesTable, membersTable.name, 'row_ids', ...rowTables(plugin).map((table) => table.name)];
}

/** The number of an entity type in the store. */
export function entityTypeNumber(plugin: MetadataPlugin, entityType: string): number {
  return Object.keys(plugin.entityTypes).indexOf(entityType);
}

function rowColumns(columns: readonly StagedColumn[]): string {
  return columns
    .filter((column) => column.name !== 'bundle')
    .map((column) => `${name(column.name)} ${sqlType(column)}`)
    .join(', ');
}

function sqlType({ type, list }: StagedColumn): string {
  const types = {
    string: 'VARCHAR',
    json: 'VARCHAR',
    int32: 'INTEGER',
    int64: 'BIGINT',
    double: 'DOUBLE',
    bool: 'BOOLEAN',
    range: 'STRUCT(low DOUBLE, high DOUBLE)',
    counts: 'STRUCT("key" VARCHAR, "count" BIGINT)[]',
  } as const;
  return list ? `${types[type]}[]` : types[type];
}

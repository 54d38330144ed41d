import {
  type Action,
  bundlesTable,
  entitiesTable,
  roleNames,
  type StagedTable,
  stagedTables,
} from '../../ingest/layout.ts';
import type { MetadataPlugin } from '../../plugins/metadata.ts';
import { name, stored, text, texts, unionAll } from '../sql.ts';
import { bundleTables, entityTypeNumber, rowTables } from './schema.ts';

/** A staged batch whose files are on this machine. */
export interface StagedBatch {
  readonly batch: string;
  /** batches that it stands for */
  readonly replaces: readonly string[];
  /** sources of which it has nothing, though those had */
  readonly drops: readonly string[];
  /** number of rows in `bundles` */
  readonly bundles: number;
  /** of all files */
  readonly bytes: number;
  /** local path of each table's file */
  readonly files: Readonly<Record<string, string>>;
}

/** To be run in one transaction, in this order. */
export interface LoadStatements {
  /** what comes; the table `replaced` tells which stored bundles give way */
  readonly look: readonly string[];
  /** to be left out where none does */
  readonly replace: readonly string[];
  readonly add: readonly string[];
}

/**
 * The statements that load batches into the store, to be run in one transaction. Loading is
 * idempotent and its result independent of order (architecture, invariant 4): of several copies of a
 * bundle version the one with the highest normalizer version, then the highest content hash stays.
 * Every entity of any stored version of any bundle that the batches name goes to the outbox,
 * before and after the change (invariant 6).
 *
 * @param firstKey the first `bundle_key` that was never used
 * @param commit number of this transaction
 * @param source the only one of which something is loaded; absent: all
 */
export function loadStatements(
  plugin: MetadataPlugin,
  batches: readonly StagedBatch[],
  { firstKey, commit, source }: { firstKey: number; commit: number; source?: string },
): LoadStatements {
  return {
    look: [incomingStatement(batches, source), namedStatement, replacedStatement, freshStatement(firstKey)],
    replace: [
      touchStatement(commit, 'replaced'),
      ...['bundles', ...bundleTables(plugin)].map(
        (table) => `DELETE FROM ${stored(table)} WHERE bundle_key IN (SELECT bundle_key FROM replaced)`,
      ),
    ],
    add: [
      `INSERT INTO bundles SELECT bundle_key, source_id, source_spec, bundle_uuid, bundle_version, normalizer_version, content_hash, false, 0 FROM fresh`,
      highestStatement('deletions', 'delete'),
      highestStatement('restores', 'restore'),
      ...insertStatements(plugin, batches),
      selectStatement,
      touchStatement(commit, 'named'),
    ],
  };
}

/** The statements after which the store has nothing that was staged. */
export function emptyStatements(plugin: MetadataPlugin): readonly string[] {
  return [...bundleTables(plugin), 'bundles', 'deletions', 'restores', 'batches', 'outbox'].map(
    (table) => `DELETE FROM ${stored(table)}`,
  );
}

/** The statements after which the store has nothing of a source; what it had a part in is touched (invariant 6). */
export function forgetStatements(plugin: MetadataPlugin, source: string, commit: number): readonly string[] {
  const ofSource = `source_id = ${text(source)}`;
  return [
    `CREATE OR REPLACE TEMP TABLE named AS SELECT DISTINCT source_id, bundle_uuid FROM bundles WHERE ${ofSource}`,
    touchStatement(commit, 'named'),
    ...bundleTables(plugin).map(
      (table) => `DELETE FROM ${stored(table)} WHERE bundle_key IN (SELECT bundle_key FROM bundles WHERE ${ofSource})`,
    ),
    ...['bundles', 'deletions', 'restores'].map((table) => `DELETE FROM ${table} WHERE ${ofSource}`),
  ];
}

/** The statements that note batches as loaded, in the place of those that they replace. */
export function noteStatements(batches: readonly StagedBatch[], commit: number): readonly string[] {
  return batches.flatMap(({ batch, bundles, bytes, replaces }) => [
    ...(replaces.length === 0 ? [] : [`DELETE FROM batches WHERE list_contains(${texts(replaces)}, batch)`]),
    `INSERT INTO batches VALUES (${text(batch)}, ${bundles}, ${bytes}, ${commit})`,
  ]);
}

/** Notifications of all batches. */
function incomingStatement(batches: readonly StagedBatch[], source: string | undefined): string {
  const files = filesOf(batches, bundlesTable.name);
  const where = source === undefined ? '' : ` WHERE source_id = ${text(source)}`;
  return `CREATE OR REPLACE TEMP TABLE incoming AS SELECT * FROM ${parquet(files)}${where}`;
}

/** What the batches name: selection is per source and bundle uuid. */
const namedStatement = 'CREATE OR REPLACE TEMP TABLE named AS SELECT DISTINCT source_id, bundle_uuid FROM incoming';

/** Stored copies that a better one replaces. */
const replacedStatement = `CREATE OR REPLACE TEMP TABLE replaced AS
  SELECT DISTINCT b.bundle_key, b.source_id, b.bundle_uuid FROM bundles b JOIN incoming i ON ${sameVersion('i', 'b')}
  WHERE i.action = 'add' AND (i.normalizer_version, i.content_hash) > (b.normalizer_version, b.content_hash)`;

/** One copy of every version that the store will gain, with its key. */
const freshStatement = (firstKey: number): string => `CREATE OR REPLACE TEMP TABLE fresh AS
  SELECT ${firstKey} + (row_number() OVER (ORDER BY filename, bundle) - 1)::INTEGER AS bundle_key, *
  FROM (SELECT DISTINCT ON (source_id, bundle_uuid, bundle_version) i.* FROM incoming i
        ANTI JOIN bundles b ON ${sameVersion('i', 'b')} AND b.bundle_key NOT IN (SELECT bundle_key FROM replaced)
        WHERE i.action = 'add'
        ORDER BY normalizer_version DESC, content_hash DESC, filename)`;

/** The highest number of each version, of those that the store hasn't got. */
function highestStatement(table: 'deletions' | 'restores', action: Action): string {
  return `INSERT INTO ${table} SELECT source_id, bundle_uuid, bundle_version, max(number) FROM incoming i
    WHERE action = ${text(action)} AND NOT EXISTS (SELECT 1 FROM ${table} t WHERE ${sameVersion('i', 't')} AND t.number >= i.number)
    GROUP BY ALL`;
}

function sameVersion(a: string, b: string): string {
  return ['source_id', 'bundle_uuid', 'bundle_version']
    .map((column) => `${a}.${column} = ${b}.${column}`)
    .join(' AND ');
}

function touchStatement(commit: number, bundles: 'replaced' | 'named'): string {
  return `INSERT INTO outbox SELECT DISTINCT e.entity_type, e.entity_id, ${commit} FROM ${stored(entitiesTable)} e
    JOIN bundles b USING (bundle_key) SEMI JOIN ${bundles} n ON n.source_id = b.source_id AND n.bundle_uuid = b.bundle_uuid
    ON CONFLICT DO UPDATE SET commit = excluded.commit`;
}

/** The newest live version of each named bundle, and how many contributions each version counts for. */
const selectStatement = `WITH masks AS (
    SELECT d.* FROM deletions d ANTI JOIN restores r ON ${sameVersion('d', 'r')} AND r.number >= d.number)
  UPDATE bundles SET selected = s.selected, contributions = s.contributions FROM (
    SELECT bundle_key, NOT deleted AND row_number() OVER (PARTITION BY source_id, bundle_uuid ORDER BY deleted, bundle_version DESC) = 1 AS selected,
      1 + deleted::INTEGER AS contributions
    FROM (SELECT b.*, EXISTS (SELECT 1 FROM masks m WHERE ${sameVersion('b', 'm')}) AS deleted
          FROM bundles b SEMI JOIN named n ON n.source_id = b.source_id AND n.bundle_uuid = b.bundle_uuid)) s
  WHERE bundles.bundle_key = s.bundle_key`;

function insertStatements(plugin: MetadataPlugin, batches: readonly StagedBatch[]): readonly string[] {
  const types = Object.keys(plugin.entityTypes).map(
    (type) => `WHEN ${text(type)} THEN ${entityTypeNumber(plugin, type)}`,
  );
  const entityType = `CASE entity_type ${types.join(' ')} END`;
  const roles = roleNames(plugin)
    .map((role) => `, ${name(role)}`)
    .join('');
  const inserts = stagedTables(plugin).flatMap((table) => {
    const files = filesOf(batches, table.name);
    if (files.length === 0 || table.name === bundlesTable.name) return [];
    const columns = table.name === entitiesTable ? `${entityType}, entity_id${roles}` : columnsOf(table);
    return [`INSERT INTO ${stored(table.name)} SELECT f.bundle_key, ${columns} FROM ${fresh(files)}`];
  });
  const ids = rowTables(plugin).flatMap((table) => {
    const files = filesOf(batches, table.name);
    return files.length === 0 ? [] : [`SELECT f.bundle_key, s."row", s.document_id FROM ${fresh(files)}`];
  });
  return ids.length === 0 ? inserts : [...inserts, `INSERT INTO row_ids ${unionAll(ids, '')}`];
}

function columnsOf(table: StagedTable): string {
  return table.columns.flatMap((column) => (column.name === 'bundle' ? [] : [`s.${name(column.name)}`])).join(', ');
}

/** Rows of bundles that the load adds, each from one file only: the same copy may be staged twice. */
function fresh(files: readonly string[]): string {
  return `${parquet(files)} s JOIN fresh f ON s.bundle = f.bundle AND parse_filename(s.filename) = parse_filename(f.filename)`;
}

const parquet = (files: readonly string[]): string =>
  `read_parquet(${texts(files)}, filename = true, union_by_name = true)`;

function filesOf(batches: readonly StagedBatch[], table: string): readonly string[] {
  return batches.flatMap(({ files }) => files[table] ?? []);
}

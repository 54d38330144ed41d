import { name, stored, text, texts, unionAll } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import {
  type Action,
  bundlesTable,
  entitiesTable,
  roleNames,
  type StagedTable,
  stagedTables,
} from '../../core/staged/layout.ts';
import { inPart, type Part } from './part.ts';
import { bundleTables, entityTypeNumber, rowTables } from './schema.ts';

/** A staged batch whose files are on this machine. */
export interface StagedBatch {
  readonly batch: string;
  /** batches that it replaces */
  readonly replaces: readonly string[];
  /** of what it has nothing, though those had; null: it has all that they had */
  readonly drops: Part | null;
  /** batches that were staged aside and count with it */
  readonly admits: readonly string[];
  /** when the last of its rows was staged, in milliseconds since the epoch */
  readonly staged: number;
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
 * bundle version the one stays that is highest in what `decisive` names.
 * Every entity of any stored version of any bundle that the batches name goes to the outbox,
 * before and after the change (invariant 6).
 *
 * @param firstKey the first `bundle_key` that was never used
 * @param commit number of this transaction
 * @param only SQL of the condition under which a notification is loaded; absent: all are
 */
export function loadStatements(
  plugin: MetadataPlugin,
  batches: readonly StagedBatch[],
  { firstKey, commit, only = 'true' }: { firstKey: number; commit: number; only?: string },
): LoadStatements {
  return {
    look: [incomingStatement(batches, only), namedStatement, replacedStatement, freshStatement(firstKey)],
    replace: [
      touchStatement(commit, 'replaced'),
      ...['bundles', ...bundleTables(plugin)].map(
        (table) => `DELETE FROM ${stored(table)} WHERE bundle_key IN (SELECT bundle_key FROM replaced)`,
      ),
    ],
    add: [
      `INSERT INTO bundles SELECT bundle_key, source_id, source_spec, bundle_uuid, bundle_version, normalizer_version, content_hash, attributes, false, 0 FROM fresh`,
      highestStatement('deletions', 'delete'),
      highestStatement('restores', 'restore'),
      ...insertStatements(plugin, batches, firstKey),
      selectStatement('named'),
      touchStatement(commit, 'named'),
    ],
  };
}

/**
 * All that copies of a bundle version may differ in, the first difference first: which one counts is decided by what is
 * stored and by nothing else. What is equal in all of it has the same rows, whichever file they are taken from.
 */
const decisive = ['normalizer_version', 'content_hash', 'source_spec', 'attributes'] as const;

/** SQL of an order in which the copy that counts is the first one. */
export const descending = decisive.map((column) => `${column} DESC`).join(', ');

/** SQL of what a copy counts for, to be compared. */
const rankOf = (table: string): string => `(${decisive.map((column) => `${table}.${column}`).join(', ')})`;

/** The statements after which the store has nothing that was staged. */
export function emptyStatements(plugin: MetadataPlugin): readonly string[] {
  return [...bundleTables(plugin), 'bundles', 'deletions', 'restores', 'batches', 'outbox'].map(
    (table) => `DELETE FROM ${stored(table)}`,
  );
}

/**
 * The statements after which the store has nothing of a part but what some batches hold of it, and nothing else has
 * changed. What they hold and the store lacks is left in `changed` to be loaded. Documents are touched of those bundles
 * alone of which anything is another one afterwards: they tell how the others came about, too (invariant 6).
 */
export function restrictStatements(
  plugin: MetadataPlugin,
  files: readonly string[],
  part: Part,
  commit: number,
): readonly string[] {
  const masks = (['deletions', 'restores'] as const).map((table) => ({
    table,
    has: `SELECT source_id, bundle_uuid, bundle_version, max(number) AS number FROM ${table} WHERE ${inPart(part)} GROUP BY ALL`,
    held: `SELECT source_id, bundle_uuid, bundle_version, max(number) AS number FROM held WHERE action = ${text(actionOf[table])} GROUP BY ALL`,
  }));
  const otherMasks = masks.map(
    ({ has, held }) => `SELECT source_id, bundle_uuid FROM ((${has} EXCEPT ${held}) UNION ALL (${held} EXCEPT ${has}))`,
  );
  return [
    `CREATE OR REPLACE TEMP TABLE held AS SELECT DISTINCT ${heldColumns}
      FROM ${files.length === 0 ? '(SELECT *, NULL::VARCHAR AS action, NULL::INTEGER AS number FROM bundles LIMIT 0)' : parquet(files)} WHERE ${inPart(part)}`,
    `CREATE OR REPLACE TEMP TABLE gone AS SELECT bundle_key, source_id, bundle_uuid FROM bundles b WHERE ${inPart(part)} AND NOT EXISTS (
      SELECT 1 FROM held h WHERE h.action = 'add' AND ${sameVersion('h', 'b')}
        AND ${rankOf('h')} = ${rankOf('b')})`,
    `CREATE OR REPLACE TEMP TABLE changed AS SELECT source_id, bundle_uuid FROM gone
      UNION SELECT source_id, bundle_uuid FROM held h WHERE ${isMissing('h')}
      UNION ${otherMasks.join(' UNION ')}`,
    touchStatement(commit, 'changed'),
    ...['bundles', ...bundleTables(plugin)].map(
      (table) => `DELETE FROM ${stored(table)} WHERE bundle_key IN (SELECT bundle_key FROM gone)`,
    ),
    ...masks.flatMap(({ table, held }) => [
      `DELETE FROM ${table} WHERE ${ofChanged}`,
      `INSERT INTO ${table} SELECT * FROM (${held}) WHERE ${ofChanged}`,
    ]),
    selectStatement('changed'),
  ];
}

const actionOf = { deletions: 'delete', restores: 'restore' } as const;
const heldColumns =
  'action, source_id, source_spec, bundle_uuid, bundle_version, number, normalizer_version, content_hash, attributes' as const;

/** Names of the batches, of some files, that have something which `changed` lacks. */
export const lackingQuery = (files: readonly string[], part: Part): string =>
  `SELECT DISTINCT parse_filename(filename, true) AS batch FROM ${parquet(files)} i WHERE ${inPart(part)} AND ${isMissing('i')} ORDER BY batch`;

/** The condition under which `loadStatements` loads what `restrictStatements` left to be loaded. */
export const ofChanged = '(source_id, bundle_uuid) IN (SELECT (source_id, bundle_uuid) FROM changed)';

/** The statements that note batches as loaded, in the place of those that they replace. */
export function noteStatements(batches: readonly StagedBatch[], commit: number): readonly string[] {
  return batches.flatMap(({ batch, bundles, bytes, replaces, staged }) => [
    ...(replaces.length === 0 ? [] : [`DELETE FROM batches WHERE list_contains(${texts(replaces)}, batch)`]),
    `INSERT INTO batches VALUES (${text(batch)}, ${bundles}, ${bytes}, ${commit}, ${staged})`,
  ]);
}

/** Notifications of all batches. */
function incomingStatement(batches: readonly StagedBatch[], only: string): string {
  const files = filesOf(batches, bundlesTable.name);
  return `CREATE OR REPLACE TEMP TABLE incoming AS SELECT * FROM ${parquet(files)} WHERE ${only}`;
}

/** SQL of the condition that a notification adds a copy, and the store has neither that nor a better one. */
function isMissing(incoming: string): string {
  return `${incoming}.action = 'add' AND NOT EXISTS (SELECT 1 FROM bundles b WHERE ${sameVersion(incoming, 'b')}
    AND ${rankOf('b')} >= ${rankOf(incoming)})`;
}

/** What the batches name: selection is per source and bundle uuid. */
const namedStatement = 'CREATE OR REPLACE TEMP TABLE named AS SELECT DISTINCT source_id, bundle_uuid FROM incoming';

/** Stored copies that a better one replaces. */
const replacedStatement = `CREATE OR REPLACE TEMP TABLE replaced AS
  SELECT DISTINCT b.bundle_key, b.source_id, b.bundle_uuid FROM bundles b JOIN incoming i ON ${sameVersion('i', 'b')}
  WHERE i.action = 'add' AND ${rankOf('i')} > ${rankOf('b')}`;

/** One copy of every version that the store will gain, with its key. */
const freshStatement = (firstKey: number): string => `CREATE OR REPLACE TEMP TABLE fresh AS
  SELECT ${firstKey} + (row_number() OVER (ORDER BY filename, bundle) - 1)::INTEGER AS bundle_key, *
  FROM (SELECT DISTINCT ON (source_id, bundle_uuid, bundle_version) i.* FROM incoming i
        ANTI JOIN bundles b ON ${sameVersion('i', 'b')} AND b.bundle_key NOT IN (SELECT bundle_key FROM replaced)
        WHERE i.action = 'add'
        ORDER BY ${descending}, filename)`;

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

function touchStatement(commit: number, bundles: 'replaced' | 'named' | 'changed'): string {
  return `INSERT INTO outbox SELECT DISTINCT e.entity_type, e.entity_id, ${commit}, ${commit} FROM ${stored(entitiesTable)} e
    JOIN bundles b USING (bundle_key) SEMI JOIN ${bundles} n ON n.source_id = b.source_id AND n.bundle_uuid = b.bundle_uuid
    ON CONFLICT DO UPDATE SET commit = excluded.commit`;
}

/** The newest live version of each named bundle, and how many contributions each version counts for. */
const selectStatement = (bundles: 'named' | 'changed'): string => `WITH masks AS (
    SELECT d.* FROM deletions d ANTI JOIN restores r ON ${sameVersion('d', 'r')} AND r.number >= d.number)
  UPDATE bundles SET selected = s.selected, contributions = s.contributions FROM (
    SELECT bundle_key, NOT deleted AND row_number() OVER (PARTITION BY source_id, bundle_uuid ORDER BY deleted, bundle_version DESC) = 1 AS selected,
      1 + deleted::INTEGER AS contributions
    FROM (SELECT b.*, EXISTS (SELECT 1 FROM masks m WHERE ${sameVersion('b', 'm')}) AS deleted
          FROM bundles b SEMI JOIN ${bundles} n ON n.source_id = b.source_id AND n.bundle_uuid = b.bundle_uuid)) s
  WHERE bundles.bundle_key = s.bundle_key`;

function insertStatements(
  plugin: MetadataPlugin,
  batches: readonly StagedBatch[],
  firstKey: number,
): readonly string[] {
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
    const isThere = filesOf(batches, table.name).length > 0;
    return isThere
      ? [
          `SELECT bundle_key, "row", ${copyId(plugin, table.name)} FROM ${stored(table.name)} WHERE bundle_key >= ${firstKey}`,
        ]
      : [];
  });
  return ids.length === 0 ? inserts : [...inserts, `INSERT INTO row_ids ${unionAll(ids, '')}`];
}

/** What copies of a row have in common, of which one is enough. Of those that complete each other, what they lack, too. */
const copyId = ({ tables }: MetadataPlugin, table: string): string =>
  tables[table]?.reconcile === 'complete' ? 'document_id || chr(0) || absent' : 'document_id';

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

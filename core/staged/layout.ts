import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Column, MetadataPlugin } from '../model/metadata.ts';
import { documentsTable } from '../model/normalized.ts';

/**
 * The layout of staged batches: what `ingest` writes, `transform` loads and anyone may query.
 *
 * `<staging>/<catalog>/<table>/<batch id>.parquet`, zstd, one file per table that has rows, and
 * `<staging>/<catalog>/manifests/<batch id>.json`, written last: a batch exists when its manifest does.
 *
 * All tables of a bundle are joined by `bundle`, a 63-bit number taken from the SHA-256 of
 * everything that identifies the staged copy; rows of a bundle are numbered over all its tables.
 */
export const layoutVersion = 1;

/** What happened to a bundle (specification, indexing 4.1); `restore` takes deletions back (architecture, invariant 4). */
export const actions = ['add', 'delete', 'restore'] as const;
export type Action = (typeof actions)[number];

/** How a column is staged; lists and structs as Parquet has them. */
export type StagedType =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bool'
  /** struct {low: double, high: double} */
  | 'range'
  /** list of struct {key: string, count: int64} */
  | 'counts'
  /** JSON text */
  | 'json';

export interface StagedColumn {
  readonly name: string;
  readonly type: StagedType;
  readonly list: boolean;
  readonly nullable: boolean;
}

export interface StagedTable {
  readonly name: string;
  readonly columns: readonly StagedColumn[];
}

/** One row per notification: an addition with what it was made of, a deletion or an undeletion. */
export const bundlesTable: StagedTable = {
  name: 'bundles',
  columns: [
    required('bundle', 'int64'),
    /** `add` | `delete` | `restore` */
    required('action', 'string'),
    required('source_id', 'string'),
    required('source_spec', 'string'),
    required('bundle_uuid', 'string'),
    required('bundle_version', 'string'),
    /** `restore` cancels the deletions of its version whose number isn't larger; additions: 0 */
    required('number', 'int32'),
    required('normalizer_version', 'int32'),
    /** lower-case hex SHA-256 of the bundle as fetched; empty where nothing is */
    required('content_hash', 'string'),
    /** JSON object: what the repository knew and the bundle doesn't say; needed to normalize again */
    required('attributes', 'json'),
  ],
};

/** Which rows a set holds. */
export const membersTable: StagedTable = {
  name: 'members',
  columns: [required('bundle', 'int64'), required('set', 'int32'), required('row', 'int32')],
};

/** Names that a plug-in's tables can't have. */
export const entitiesTable = 'entities';

/** Columns that every inner table has before its own. `absent` has bit i set where optional column i is absent. */
const innerColumns: readonly StagedColumn[] = [
  required('bundle', 'int64'),
  required('row', 'int32'),
  nullable('document_id', 'string'),
  required('absent', 'int32'),
];

/** All tables of a plug-in's staged batches: bundles, entities, members, documents, then its own. */
export function stagedTables(plugin: MetadataPlugin): readonly StagedTable[] {
  return [
    bundlesTable,
    {
      name: entitiesTable,
      columns: [
        required('bundle', 'int64'),
        required('entity_type', 'string'),
        required('entity_id', 'string'),
        ...roleNames(plugin).map((role) => nullable(role, 'int32')),
      ],
    },
    membersTable,
    {
      name: documentsTable,
      columns: [
        required('bundle', 'int64'),
        required('row', 'int32'),
        nullable('document_id', 'string'),
        required('pointer', 'string'),
        nullable('replica_type', 'string'),
        required('contents', 'json'),
      ],
    },
    ...Object.keys(plugin.tables).map((name) => innerTable(plugin, name)),
  ];
}

/** Every role that some entity type has, hidden ones included: each is a column of `entities`. */
export function roleNames(plugin: MetadataPlugin): readonly string[] {
  return [...new Set(Object.values(plugin.entityTypes).flatMap((type) => Object.keys(type.roles)))];
}

/** Optional columns in the order of their bits in `absent`. */
export function optionalColumns(plugin: MetadataPlugin, table: string): readonly string[] {
  return Object.entries(plugin.tables[table]?.columns ?? {}).flatMap(([name, column]) =>
    column.optional ? [name] : [],
  );
}

function innerTable(plugin: MetadataPlugin, name: string): StagedTable {
  const columns = Object.entries(plugin.tables[name]?.columns ?? {});
  return { name, columns: [...innerColumns, ...columns.map(([column, declared]) => innerColumn(column, declared))] };
}

function innerColumn(name: string, { type, list }: Column): StagedColumn {
  return { name, type: stagedType(type), list: list === true, nullable: true };
}

function stagedType(type: Column['type']): StagedType {
  switch (type) {
    case 'string':
    case 'datetime':
    case 'quantity':
      return 'string';
    case 'int':
      return 'int64';
    case 'float':
      return 'double';
    case 'object':
      return 'json';
    default:
      return type;
  }
}

function required(name: string, type: StagedType): StagedColumn {
  return { name, type, list: false, nullable: false };
}

function nullable(name: string, type: StagedType): StagedColumn {
  return { name, type, list: false, nullable: true };
}

const batchId = z.string().regex(/^[0-9a-z-]{8,64}$/);
const replacingEnd = '-r';
const asideEnd = /-s([0-9a-f]{6})$/;

/**
 * Batch ids sort by the time at which they were made.
 *
 * @param options `replacing`: whether it replaces others. Its id says so, so that only such manifests must be read to find
 *   out. `run`: mark of the run for which it is staged aside; it doesn't count before a manifest admits it
 */
export function newBatchId(
  now: number,
  { replacing = false, run }: { replacing?: boolean; run?: string } = {},
): string {
  const end = run === undefined ? '' : `-s${run}`;
  return `${now.toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}${replacing ? replacingEnd : end}`;
}

/** Whether a batch replaces others. */
export const isReplacing = (batch: string): boolean => batch.endsWith(replacingEnd);

/** The mark of the run for which a batch was staged aside; null where it was staged for everybody. */
export const runOfBatch = (batch: string): string | null => asideEnd.exec(batch)?.[1] ?? null;

/** When a batch was made, milliseconds since the epoch. */
export const batchTime = (batch: string): number => Number.parseInt(batch, 36);

/** What a batch consists of. Its existence makes the batch exist (architecture, invariant 1). */
export const manifestSchema = z.strictObject({
  layout: z.literal(layoutVersion),
  batch: batchId,
  catalog: z.string(),
  /** batches that this one replaces: they don't count any more, whether they are still there or not (invariant 2) */
  replaces: z.array(batchId).default([]),
  /** ids of sources of whose bundles it has nothing, though the batches that it replaces had */
  drops: z.array(z.string()).default([]),
  /** in lower case; of those bundles only the ones whose uuid begins so. Absent: all */
  prefix: z.string().max(36).optional(),
  /** batches that were staged aside and count from now on. Absent: none */
  admits: z.array(batchId).optional(),
  /** RFC 3339: when the last of its rows was first staged. Absent: when it was created */
  staged: z.iso.datetime().optional(),
  /** RFC 3339 */
  created: z.string(),
  plugin: z.strictObject({ name: z.string(), version: z.int() }),
  tables: z.record(
    z.string(),
    z.strictObject({ rows: z.int().min(1), bytes: z.int().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
  bundles: z.array(
    z.strictObject({
      action: z.enum(actions),
      /** absent in batches from before deletions could be taken back: 1 for a deletion */
      number: z.int().min(0).optional(),
      source: z.strictObject({ id: z.string(), spec: z.string() }),
      uuid: z.string(),
      version: z.string(),
    }),
  ),
});
export type Manifest = z.output<typeof manifestSchema>;

/** When the last rows of a batch were first staged, in milliseconds since the epoch. */
export const stagedBy = ({ staged, created }: Manifest): number => Date.parse(staged ?? created);

/** A record of the stream `batches`, partitioned by catalog: a hint that a batch exists. */
export const pointerSchema = z.strictObject({
  catalog: z.string(),
  batch: batchId,
  /** `<action> <uuid>.<version>` */
  bundles: z.array(z.string()).max(1000),
  /** when the stream took the oldest notification in it, milliseconds since the epoch. Absent: it has none, or nobody knows */
  notified: z.number().optional(),
});
export type Pointer = z.output<typeof pointerSchema>;

/** Keys in the staging store, relative to its root. */
export const manifestKey = (catalog: string, batch: string): string => `${manifestPrefix(catalog)}${batch}.json`;

/** With what the keys of all manifests of a catalog begin. */
export const manifestPrefix = (catalog: string): string => `${catalog}/manifests/`;
export const tableKey = (catalog: string, table: string, batch: string): string =>
  `${catalog}/${table}/${batch}.parquet`;

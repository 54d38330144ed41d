import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { name, texts } from '../../core/duckdb/sql.ts';
import { newestRows, snapshotPaths, winnersOf } from '../../core/exports/newest-rows.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { localPaths, stagedFiles, type WrittenFile } from '../../core/staged/batches.ts';
import { type Damaged, damagedBy, type ViewedFiles } from './damaged.ts';

/** A view, and what it reads. */
export interface View extends ViewedFiles {
  /** the statement that makes it */
  readonly create: string;
}

/** What a session reads, and how it is called. */
export interface Views {
  readonly schemas: readonly string[];
  readonly views: readonly View[];
  /** tables that have no view, as a file of theirs is damaged: without it rows would be missing, and nobody would notice */
  readonly damaged: readonly Damaged[];
}

/**
 * A schema per catalog, a view per table that has files; names without a schema mean the first catalog. Documents that are
 * published have a schema of their own, `<catalog>_documents`, with a view per entity type: no catalog is called so.
 */
export async function viewsOf({ catalogs }: Pick<Settings, 'catalogs'>, store: ObjectStore): Promise<Views> {
  const names = Object.keys(catalogs);
  const all = await Promise.all(
    names.flatMap((catalog) => [catalogViews(catalog, store), documentViews(catalog, store)]),
  );
  return {
    schemas: all.flatMap(({ schemas }) => schemas),
    views: all.flatMap(({ views }) => views),
    damaged: all.flatMap(({ damaged }) => damaged),
  };
}

/** The statements that make schemas, and then views; and that make the first schema the one that isn't named. */
export const schemaStatements = ({ schemas }: Views): readonly string[] => [
  ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${name(schema)}`),
  ...schemas.slice(0, 1).map((first) => `USE ${name(first)}`),
];

async function catalogViews(catalog: string, store: ObjectStore): Promise<Views> {
  const schemas = [catalog];
  let staged: ReadonlyMap<string, readonly WrittenFile[]>;
  try {
    staged = await stagedFiles(catalog, store);
  } catch (error) {
    if (!(error instanceof LazuliError) || error.code !== 'batch_damaged') throw error;
    return { schemas, views: [], damaged: [{ schema: catalog, table: null, error }] };
  }
  const [views, damaged]: [View[], Damaged[]] = [[], []];
  for (const [table, files] of staged) {
    const keys = files.map(({ key }) => key);
    const paths = await localPaths(keys, store);
    const viewed = { catalog, schema: catalog, table, files, paths };
    const found = await damagedBy(viewed, 'size');
    if (found === null) views.push(viewOf(viewed, `FROM read_parquet(${texts(paths)}, union_by_name = true)`));
    else damaged.push(found);
  }
  return { schemas, views, damaged };
}

/** Of the newest snapshot; a session that lasts a day may outlive its files. */
async function documentViews(catalog: string, store: ObjectStore): Promise<Views> {
  const snapshot = await new Snapshots(store, catalog).newest();
  if (snapshot === null) return { schemas: [], views: [], damaged: [] };
  const schema = `${catalog}_documents`;
  const [views, damaged]: [View[], Damaged[]] = [[], []];
  for (const [type, { base, deltas }] of Object.entries(snapshot.types)) {
    const paths = await snapshotPaths(snapshot, type, store);
    const rows = newestRows(paths, 'winners');
    const winners = winnersOf(paths);
    if (rows === null) continue;
    const [files, all] = [
      [...base, ...deltas],
      [...paths.base, ...paths.deltas],
    ];
    const viewed = { catalog, schema, table: type, files, paths: all };
    const found = await damagedBy(viewed, 'size');
    const select = winners === null ? rows : `WITH winners AS MATERIALIZED (${winners}) ${rows}`;
    if (found === null) views.push(viewOf(viewed, select));
    else damaged.push(found);
  }
  return { schemas: [schema], views, damaged };
}

const viewOf = (viewed: ViewedFiles, select: string): View => ({
  ...viewed,
  create: `CREATE VIEW ${name(viewed.schema)}.${name(viewed.table)} AS ${select}`,
});

/**
 * Statements for another DuckDB. They are of a database in memory: views that outlive the session would miss what is staged
 * later, and say nothing. Comments name tables that have none, as they are damaged.
 */
export async function viewScript(settings: Settings): Promise<string> {
  const all = await viewsOf(settings, await openStaging(settings));
  const { views, damaged } = all;
  const comments = damaged.map(({ error }) => `-- ${error.message.replaceAll(/\s+/g, ' ')}`);
  const script = [
    "ATTACH ':memory:' AS lazuli",
    'USE lazuli',
    ...schemaStatements(all),
    ...views.map(({ create }) => create),
  ].map((statement) => `${statement};`);
  return [...comments, ...script].join('\n');
}

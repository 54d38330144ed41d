import type { Settings } from '../../core/config/settings.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { name, texts } from '../../core/duckdb/sql.ts';
import { newestRows, snapshotPaths, winnersOf } from '../../core/exports/newest-rows.ts';
import { Snapshots } from '../../core/exports/snapshots.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { localPaths, stagedKeys } from '../../core/staged/batches.ts';

/** What a session reads, and how it is called. */
export interface Views {
  /** absolute paths of staged files, and of published ones */
  readonly files: readonly string[];
  readonly statements: readonly string[];
}

/**
 * A schema per catalog, a view per table that has files; names without a schema mean the first catalog. Documents that are
 * published have a schema of their own, `<catalog>_documents`, with a view per entity type: no catalog is called so.
 */
export async function viewsOf(settings: Settings): Promise<Views> {
  const names = Object.keys(settings.catalogs);
  const store = await openStaging(settings);
  const views = await Promise.all(
    names.flatMap((catalog) => [catalogViews(catalog, store), documentViews(catalog, store)]),
  );
  const [first] = names;
  return {
    files: views.flatMap(({ files }) => files),
    statements: [
      ...views.flatMap(({ statements }) => statements),
      ...(first === undefined ? [] : [`USE ${name(first)}`]),
    ],
  };
}

async function catalogViews(catalog: string, store: ObjectStore): Promise<Views> {
  const files = new Map<string, readonly string[]>();
  for (const [table, keys] of await stagedKeys(catalog, store)) files.set(table, await localPaths(keys, store));
  const read = (paths: readonly string[]): string => `FROM read_parquet(${texts(paths)}, union_by_name = true)`;
  return {
    files: [...files.values()].flat(),
    statements: [
      `CREATE SCHEMA IF NOT EXISTS ${name(catalog)}`,
      ...[...files].map(([table, paths]) => viewOf(catalog, table, read(paths))),
    ],
  };
}

/** Of the newest snapshot; a session that lasts a day may outlive its files. */
async function documentViews(catalog: string, store: ObjectStore): Promise<Views> {
  const snapshot = await new Snapshots(store, catalog).newest();
  if (snapshot === null) return { files: [], statements: [] };
  const schema = `${catalog}_documents`;
  const files: string[] = [];
  const statements = [`CREATE SCHEMA IF NOT EXISTS ${name(schema)}`];
  for (const type of Object.keys(snapshot.types)) {
    const paths = await snapshotPaths(snapshot, type, store);
    const rows = newestRows(paths, 'winners');
    const winners = winnersOf(paths);
    if (rows === null) continue;
    files.push(...paths.base, ...paths.deltas);
    statements.push(
      viewOf(schema, type, winners === null ? rows : `WITH winners AS MATERIALIZED (${winners}) ${rows}`),
    );
  }
  return { files, statements };
}

const viewOf = (schema: string, view: string, select: string): string =>
  `CREATE VIEW ${name(schema)}.${name(view)} AS ${select}`;

/**
 * Statements for another DuckDB. They are of a database in memory: views that outlive the session would miss what is staged
 * later, and say nothing.
 */
export async function viewScript(settings: Settings): Promise<string> {
  const { statements } = await viewsOf(settings);
  return ["ATTACH ':memory:' AS lazuli", 'USE lazuli', ...statements].map((statement) => `${statement};`).join('\n');
}

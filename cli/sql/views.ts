import type { Settings } from '../../core/config/settings.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { name, texts } from '../../core/duckdb/sql.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { localPaths, stagedKeys } from '../../core/staged/batches.ts';

/** What a session reads, and how it is called. */
export interface Views {
  /** absolute paths of staged files */
  readonly files: readonly string[];
  readonly statements: readonly string[];
}

/** A schema per catalog, a view per table that has files; names without a schema mean the first catalog. */
export async function viewsOf(settings: Settings): Promise<Views> {
  const names = Object.keys(settings.catalogs);
  const store = await openStaging(settings);
  const views = await Promise.all(names.map((catalog) => catalogViews(catalog, store)));
  const [first] = names;
  return {
    files: views.flatMap(({ files }) => files),
    statements: [
      ...names.map((catalog) => `CREATE SCHEMA IF NOT EXISTS ${name(catalog)}`),
      ...views.flatMap(({ statements }) => statements),
      ...(first === undefined ? [] : [`USE ${name(first)}`]),
    ],
  };
}

async function catalogViews(catalog: string, store: ObjectStore): Promise<Views> {
  const files = new Map<string, readonly string[]>();
  for (const [table, keys] of await stagedKeys(catalog, store)) files.set(table, await localPaths(keys, store));
  const view = (table: string, paths: readonly string[]): string =>
    `CREATE VIEW ${name(catalog)}.${name(table)} AS FROM read_parquet(${texts(paths)}, union_by_name = true)`;
  return { files: [...files.values()].flat(), statements: [...files].map(([table, paths]) => view(table, paths)) };
}

/**
 * Statements for another DuckDB. They are of a database in memory: views that outlive the session would miss what is staged
 * later, and say nothing.
 */
export async function viewScript(settings: Settings): Promise<string> {
  const { statements } = await viewsOf(settings);
  return ["ATTACH ':memory:' AS lazuli", 'USE lazuli', ...statements].map((statement) => `${statement};`).join('\n');
}

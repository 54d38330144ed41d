import type { Settings } from '../../config/settings.ts';
import { tableKey } from '../../ingest/layout.ts';
import type { ObjectStore } from '../../streams/ports.ts';
import { openStaging } from '../../streams/stores.ts';
import { name, text } from '../../transform/sql.ts';
import { StagedBatches } from '../pipeline/staged.ts';

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
  const files = new Map<string, string[]>();
  for (const { batch, tables } of await new StagedBatches(store, catalog).read()) {
    for (const table of Object.keys(tables)) {
      const list = files.get(table) ?? [];
      files.set(table, list);
      list.push(await store.localPath(tableKey(catalog, table, batch)));
    }
  }
  const view = (table: string, paths: readonly string[]): string =>
    `CREATE VIEW ${name(catalog)}.${name(table)} AS FROM read_parquet([${paths.map(text).join(', ')}], union_by_name = true)`;
  return { files: [...files.values()].flat(), statements: [...files].map(([table, paths]) => view(table, paths)) };
}

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Snapshots } from '../../core/exports/snapshots.ts';
import { type Manifest, manifestKey, tableKey } from '../../core/staged/layout.ts';
import { FolderStore } from '../../core/storage/folder.ts';

/** What a manifest says of a file. */
function written(file: string) {
  const content = readFileSync(file);
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Stages tables of a catalog `hca`, each made by a query; with a manifest, unless it is missing still. */
export async function stagedBatch(
  staging: string,
  batch: string,
  tables: Readonly<Record<string, string>>,
  complete = true,
): Promise<void> {
  const files = Object.entries(tables).map(([table, sql]) => [tableKey('hca', table, batch), sql] as const);
  await parquet(staging, new Map(files));
  if (!complete) return;
  const manifest: Manifest = {
    layout: 1,
    replaces: [],
    drops: [],
    batch,
    catalog: 'hca',
    created: '2026-01-01T00:00:00.000Z',
    plugin: { name: 'hca', version: 1 },
    tables: Object.fromEntries(
      Object.keys(tables).map((table) => [
        table,
        { rows: 1, ...written(join(staging, tableKey('hca', table, batch))) },
      ]),
    ),
    bundles: [],
  };
  const file = join(staging, manifestKey('hca', batch));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(manifest));
}

/** Publishes rows of documents of the catalog, each file made by a query. */
export async function publishedSnapshot(staging: string, base: string, deltas: readonly string[]): Promise<void> {
  const snapshots = new Snapshots(new FolderStore(staging), 'hca');
  const files = new Map([base, ...deltas].map((sql, i) => [snapshots.fileKey(`1-1-files-${i}`), sql]));
  await parquet(staging, files);
  const [of, ...others] = [...files.keys()].map((key) => ({ key, rows: 1, ...written(join(staging, key)) }));
  await snapshots.publish({
    ...{
      epoch: 1,
      asOf: 3,
      published: '2026-01-01T00:00:00.000Z',
      plugin: { name: 'hca', version: 1 },
      documents: '0',
    },
    types: { files: { base: of === undefined ? [] : [of], deltas: others } },
  });
}

/** @param files queries by key */
async function parquet(staging: string, files: ReadonlyMap<string, string>): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [key, sql] of files) {
    const file = join(staging, key);
    mkdirSync(dirname(file), { recursive: true });
    await connection.run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
}

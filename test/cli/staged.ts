import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Manifest, manifestKey, tableKey } from '../../core/staged/layout.ts';

const sha256 = '0'.repeat(64);

/** Stages tables of a catalog `hca`, each made by a query; with a manifest, unless it is missing still. */
export async function stagedBatch(
  staging: string,
  batch: string,
  tables: Readonly<Record<string, string>>,
  complete = true,
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [table, sql] of Object.entries(tables)) {
    const file = join(staging, tableKey('hca', table, batch));
    mkdirSync(dirname(file), { recursive: true });
    await connection.run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
  if (!complete) return;
  const manifest: Manifest = {
    layout: 1,
    replaces: [],
    drops: [],
    batch,
    catalog: 'hca',
    created: '2026-01-01T00:00:00.000Z',
    plugin: { name: 'hca', version: 1 },
    tables: Object.fromEntries(Object.keys(tables).map((table) => [table, { rows: 1, bytes: 1, sha256 }])),
    bundles: [],
  };
  const file = join(staging, manifestKey('hca', batch));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(manifest));
}

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { name, text } from '../../../core/duckdb/sql.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A table of a snapshot: types of its columns as DuckDB names them, and rows, in which a missing column is null. */
export interface ExportedTable {
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

export interface ExportedSnapshot {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly tables: Readonly<Record<string, ExportedTable>>;
}

/** Writes a snapshot as the Terra Data Repository exports it (specification, tdr 2.2). @returns its folder */
export async function writeExport(
  parent: string,
  { id, name: snapshot, project, tables }: ExportedSnapshot,
): Promise<string> {
  const folder = join(parent, snapshot);
  const instance = await openDuckDb({});
  const connection = await instance.connect();
  const scratch = join(parent, `${snapshot}.ndjson`);
  try {
    for (const [table, { columns, rows }] of Object.entries(tables)) {
      mkdirSync(join(folder, table), { recursive: true });
      const types = Object.entries(columns).map(([column, type]) => `${text(column)}: ${text(type)}`);
      writeFileSync(scratch, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const declared = Object.entries(columns).map(([column, type]) => `${name(column)} ${type}`);
      await connection.run(`CREATE OR REPLACE TABLE rows (${declared.join(', ')})`);
      if (rows.length > 0)
        await connection.run(
          `INSERT INTO rows BY NAME SELECT * FROM read_json(${text(scratch)}, columns = {${types.join(', ')}}, format = 'newline_delimited')`,
        );
      await connection.run(`COPY rows TO ${text(join(folder, table, fileOf(table)))} (FORMAT parquet)`);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(scratch, { force: true });
  }
  const paths = (table: string) => [`https://storage.example/bucket/job/${table}/${fileOf(table)}?X-Goog-Signature=0`];
  const location = { tables: Object.keys(tables).map((table) => ({ name: table, paths: paths(table) })) };
  const manifest = { snapshot: { id, name: snapshot, dataProject: project }, format: { parquet: { location } } };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

const fileOf = (table: string): string => `${table}-000000000000.parquet`;

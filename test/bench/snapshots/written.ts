import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { name, text } from '../../../core/duckdb/sql.ts';
import { anvilWorld } from './anvil.ts';
import type { SnapshotWorld } from './declared.ts';
import { hcaWorld } from './hca.ts';

export const worlds = { anvil: anvilWorld, hca: hcaWorld } as const satisfies Readonly<Record<string, SnapshotWorld>>;
export type WorldName = keyof typeof worlds;

export const snapshotOf = (world: WorldName): string => `bench_${world}`;
export const specOf = (world: WorldName): string => `tdr:bigquery:gcp:bench:${snapshotOf(world)}:`;
export const fileOf = (exports: string, world: WorldName, table: string): string =>
  join(exports, snapshotOf(world), table, `${table}-000000000000.parquet`);
/** Which bundle, by number, has which row of which table. */
export const containedFile = (exports: string, world: WorldName): string =>
  join(exports, `${snapshotOf(world)}.parquet`);

/** Writes a snapshot as it is exported, and which rows each bundle has. */
export async function writeWorld(exports: string, world: WorldName, bundles: number): Promise<void> {
  const { prepare, tables, bundle, contained } = worlds[world];
  const instance = await openDuckDb({ memory_limit: '1GiB', threads: '2' });
  const connection = await instance.connect();
  try {
    for (const statement of prepare(bundles)) await connection.run(statement);
    for (const [table, select] of Object.entries(tables)) {
      mkdirSync(join(exports, snapshotOf(world), table), { recursive: true });
      await connection.run(`COPY (${select}) TO ${text(fileOf(exports, world, table))} (FORMAT parquet)`);
    }
    const [from, keys] = contained;
    const selects = Object.entries(keys).flatMap(([table, all]) =>
      all.map((key) => `SELECT ${bundle} AS bundle, ${text(table)} AS "table", ${key} AS key ${from}`),
    );
    await connection.run(
      `COPY (${selects.join(' UNION ')}) TO ${text(containedFile(exports, world))} (FORMAT parquet)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  const location = {
    tables: Object.keys(tables).map((table) => ({ name: table, paths: [`${table}-000000000000.parquet`] })),
  };
  const id = '6c87f0e1-509d-46a4-b845-7584df39263b';
  const snapshot = { id, name: snapshotOf(world), dataProject: 'bench' };
  writeFileSync(
    join(exports, snapshotOf(world), 'manifest.json'),
    JSON.stringify({ snapshot, format: { parquet: { location } } }),
  );
}

/** Copies a snapshot: writes each row of each table as often as bundles have it, in the order of bundles, and nothing else. */
export class Copying {
  readonly #connection: DuckDBConnection;
  readonly #exports: string;
  readonly #world: WorldName;
  readonly #into: string;

  private constructor(connection: DuckDBConnection, exports: string, world: WorldName, into: string) {
    this.#connection = connection;
    this.#exports = exports;
    this.#world = world;
    this.#into = into;
  }

  /** Finds out which bundle has which rows. */
  static async prepare(exports: string, world: WorldName, into: string): Promise<Copying> {
    mkdirSync(into, { recursive: true });
    const temporary = { temp_directory: join(into, 'spill'), preserve_insertion_order: 'false' };
    // Ours has half of that: sorting 100,000 bundles of the Human Cell Atlas by table needs more.
    const instance = await openDuckDb({ memory_limit: '1GiB', threads: '2', ...temporary });
    const connection = await instance.connect();
    const contained = `read_parquet(${text(containedFile(exports, world))})`;
    for (const table of Object.keys(worlds[world].tables))
      await connection.run(
        `CREATE TABLE ${name(table)} AS SELECT bundle, key FROM ${contained} WHERE "table" = ${text(table)}`,
      );
    return new Copying(connection, exports, world, into);
  }

  async copy(): Promise<void> {
    for (const table of Object.keys(worlds[this.#world].tables)) {
      const key = worlds[this.#world].key ?? `${table}_id`;
      const file = text(fileOf(this.#exports, this.#world, table));
      const rows = `SELECT c.bundle, t.* FROM ${name(table)} c JOIN read_parquet(${file}) t ON t.${name(key)} = c.key ORDER BY c.bundle`;
      await this.#connection.run(`COPY (${rows}) TO ${text(join(this.#into, `${table}.parquet`))} (FORMAT parquet)`);
    }
  }
}

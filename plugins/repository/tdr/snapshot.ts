import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { LazuliError } from '../../../core/config/errors.ts';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { name, text, texts } from '../../../core/duckdb/sql.ts';
import { BundlesFile, type Part } from './bundles-file.ts';
import type { SnapshotExport } from './exports.ts';
import type { Model } from './model.ts';
import { modelOf } from './models.ts';
import { ownFolder, removeFolder } from './scratch.ts';

/** What a bundle of a snapshot is called. */
export interface Root {
  readonly uuid: string;
  readonly version: string;
}

/** Where a snapshot is worked on, and how much it may take. */
export interface SnapshotLimits {
  /** for files that are deleted with it */
  readonly folder: string;
  readonly memoryBytes: number;
  readonly threads: number;
}

/** Bundles that are put together at once, about. */
const together = 4096;
const mostDigits = 8;

/** Bundles of which the uuid begins alike. */
interface Assembled {
  readonly prefix: string;
  /** their numbers, by name */
  readonly roots: ReadonlyMap<string, number>;
  readonly bundles: BundlesFile;
  /** of bundles that can't be put together, by number */
  readonly problems: ReadonlyMap<number, string>;
}

/**
 * A snapshot, whose tables DuckDB reads once. Its bundles are put together by prefix, in sets: who fetches one has its
 * neighbours put together, too, and those who fetch them find them in a file. It works on one thing at a time.
 */
export class Snapshot {
  readonly #model: Model;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #folder: string;
  /** leading digits of a uuid by which bundles are put together */
  readonly #digits: number;
  #assembled: Assembled | null = null;
  #files = 0;
  /** what is being done, whatever becomes of it */
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(model: Model, { instance, connection, folder }: Opened, digits: number) {
    this.#model = model;
    this.#instance = instance;
    this.#connection = connection;
    this.#folder = folder;
    this.#digits = digits;
  }

  /** @throws LazuliError `repository_unavailable` naming table and column */
  static async open(snapshot: SnapshotExport, limits: SnapshotLimits): Promise<Snapshot> {
    const model = modelOf(new Set(snapshot.tables.keys()));
    if (model === undefined) throw unusable(snapshot, 'its tables are those of no data model that is known');
    const opened = await openedIn(limits);
    try {
      const { connection } = opened;
      for (const [table, files] of snapshot.tables)
        await connection.run(
          `CREATE VIEW ${name(table)} AS SELECT * FROM read_parquet(${texts(files)}, union_by_name = true)`,
        );
      for (const [table, columns] of Object.entries(model.tables))
        await checkColumns(connection, snapshot, table, columns);
      for (const statement of model.prepare(new Set(snapshot.tables.keys()))) await connection.run(statement);
      const [row] = await rowsOf(connection, 'SELECT count(*) FROM roots');
      return new Snapshot(model, opened, digitsFor(Number(row?.[0] ?? 0)));
    } catch (error) {
      closeOpened(opened);
      throw error instanceof LazuliError ? error : unusable(snapshot, (error as Error).message, error);
    }
  }

  /** Bundles whose uuid begins with a prefix. */
  async list(prefix: string): Promise<readonly Root[]> {
    const sql = `SELECT DISTINCT uuid, version FROM roots WHERE starts_with(uuid, ${text(prefix)})`;
    const rows = await this.#next(() => rowsOf(this.#connection, sql));
    return rows.map(([uuid, version]) => ({ uuid: String(uuid), version: String(version) }));
  }

  /**
   * @returns UTF-8 JSON; null where there is no such bundle
   * @throws LazuliError `bundle_invalid` where it can't be put together
   */
  fetch({ uuid, version }: Root): Promise<Uint8Array | null> {
    return this.#next(async () => {
      const { roots, bundles, problems } = await this.#around(uuid.slice(0, this.#digits));
      const root = roots.get(nameOf({ uuid, version }));
      if (root === undefined) return null;
      const problem = problems.get(root);
      if (problem === undefined) return bundles.read(root);
      throw new LazuliError('bundle_invalid', `The snapshot can't give the bundle: ${problem}`, {
        place: { bundle: `${uuid}.${version}` },
        remedy: 'Correct the tables of the snapshot, make another one, and configure that.',
      });
    });
  }

  async close(): Promise<void> {
    await this.#next(async () => {
      await this.#assembled?.bundles.close();
      closeOpened({ instance: this.#instance, connection: this.#connection, folder: this.#folder });
    });
  }

  async #around(prefix: string): Promise<Assembled> {
    if (this.#assembled?.prefix === prefix) return this.#assembled;
    await this.#assembled?.bundles.close();
    this.#assembled = null;
    this.#assembled = await this.#assemble(prefix);
    return this.#assembled;
  }

  async #assemble(prefix: string): Promise<Assembled> {
    const { assemble, members } = this.#model;
    const wanted = `CREATE OR REPLACE TEMP TABLE wanted AS SELECT root FROM roots WHERE starts_with(uuid, ${text(prefix)})`;
    for (const statement of [wanted, ...assemble]) await this.#connection.run(statement);
    const roots = new Map<string, number>();
    const named = 'SELECT uuid, version, min(root) FROM roots JOIN wanted USING (root) GROUP BY uuid, version';
    for (const [uuid, version, root] of await rowsOf(this.#connection, named))
      roots.set(nameOf({ uuid: String(uuid), version: String(version) }), Number(root));
    const problems = new Map<number, string>();
    for (const [root, problem] of await rowsOf(
      this.#connection,
      'SELECT root, min(problem) FROM problems GROUP BY root',
    ))
      problems.set(Number(root), String(problem));
    const path = join(this.#folder, `bundles-${++this.#files}`);
    return { prefix, roots, bundles: await BundlesFile.write(path, members, this.#parts()), problems };
  }

  /** Parts of the bundles that have no problem. */
  async *#parts(): AsyncGenerator<readonly Part[]> {
    const result = await this.#connection.stream(
      'SELECT root, member, text FROM parts ANTI JOIN problems USING (root) ORDER BY root, member, name',
    );
    for await (const rows of result.yieldRowsJs())
      yield rows.map(([root, member, part]) => ({ root: Number(root), member: Number(member), text: String(part) }));
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(work);
    this.#busy = done.catch(() => undefined);
    return done;
  }
}

const nameOf = ({ uuid, version }: Root): string => `${uuid} ${version}`;

interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly folder: string;
}

/** A database in a folder of its own: what doesn't fit into memory is there. */
async function openedIn({ folder: parent, memoryBytes, threads }: SnapshotLimits): Promise<Opened> {
  const folder = ownFolder(parent);
  try {
    const instance = await openDuckDb({
      memory_limit: `${Math.floor(memoryBytes / 2 ** 20)}MiB`,
      threads: String(threads),
      temp_directory: join(folder, 'spill'),
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
    });
    const connection = await instance.connect();
    await connection.run(`ATTACH ${text(join(folder, 'tables.duckdb'))} AS snapshot`);
    await connection.run('USE snapshot');
    return { instance, connection, folder };
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
}

function closeOpened({ instance, connection, folder }: Opened): void {
  connection.closeSync();
  instance.closeSync();
  removeFolder(folder);
}

async function checkColumns(
  connection: DuckDBConnection,
  snapshot: SnapshotExport,
  table: string,
  columns: readonly string[],
): Promise<void> {
  const found = new Set((await rowsOf(connection, `DESCRIBE ${name(table)}`)).map(([column]) => String(column)));
  const missing = columns.filter((column) => !found.has(column));
  if (missing.length > 0) throw unusable(snapshot, `table ${table} has no column ${missing.join(', ')}`);
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await connection.runAndReadAll(sql)).getRowsJS();
}

function digitsFor(bundles: number): number {
  const digits = Math.ceil(Math.log(bundles / together) / Math.log(16));
  return Math.min(mostDigits, Math.max(0, digits));
}

const unusable = ({ name: snapshot, id }: SnapshotExport, why: string, cause?: unknown): LazuliError =>
  new LazuliError('repository_unavailable', `Snapshot ${snapshot} (${id}) can't be used: ${why}`, {
    remedy: 'Export the snapshot again, or leave its source out; ingest goes on by itself.',
    ...(cause === undefined ? {} : { cause }),
  });

import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LazuliError } from '../../../core/config/errors.ts';
import { name, texts } from '../../../core/duckdb/sql.ts';
import type { Reading } from '../../../core/model/repository.ts';
import { BundleProblem } from './bundle-problem.ts';
import { BundleText } from './bundle-text.ts';
import { closeDatabase, columnsOf, numberOf, openDatabase, rowsOf, type SnapshotLimits } from './database.ts';
import type { SnapshotExport } from './exports.ts';
import { Graph } from './graph.ts';
import type { Assembler, Model, Root } from './model.ts';
import { modelOf } from './models.ts';
import { ownFolder, removeFolder } from './scratch.ts';
import { TextsFile } from './texts-file.ts';

/** How far a snapshot is read. */
export type TableReading = Omit<Reading, 'source'>;

/** What a bundle of a snapshot is called. */
export type BundleName = Pick<Root, 'uuid' | 'version'>;

/**
 * A snapshot, whose tables are read once. After that it is numbers in memory, which say what is related to what, and a file
 * with the text of each row; a bundle is searched for among the numbers, and is copied from the file.
 */
export class Snapshot {
  readonly #roots: readonly Root[];
  readonly #byUuid: ReadonlyMap<string, readonly Root[]>;
  readonly #assemble: Assembler;
  readonly #texts: TextsFile;
  readonly #bundle: BundleText;

  private constructor(model: Model, roots: readonly Root[], graph: Graph, texts: TextsFile) {
    this.#roots = roots;
    this.#byUuid = Map.groupBy(roots, ({ uuid }) => uuid);
    this.#assemble = model.assembler(graph);
    this.#texts = texts;
    this.#bundle = new BundleText(texts);
  }

  /**
   * @param say learns how far it is
   * @throws LazuliError `repository_unavailable` naming table and column
   */
  static open(
    snapshot: SnapshotExport,
    limits: SnapshotLimits,
    say: (reading: TableReading) => void = () => {},
  ): Promise<Snapshot> {
    return withTables(snapshot, limits, async (model, connection, folder) => {
      const steps = model.prepare(new Set(snapshot.tables.keys()));
      for (const [done, { table, sql }] of steps.entries()) {
        const rows = table === null ? null : await numberOf(connection, `SELECT count(*) FROM ${name(table)}`);
        say({ table, rows, done, of: steps.length });
        await connection.run(sql);
      }
      const nodes = await numberOf(connection, 'SELECT max(node) FROM nodes');
      const roots = await rootsOf(connection);
      const graph = await Graph.read(connection, model.relations, nodes);
      const order = graph.order(roots.map(({ node }) => node));
      const file = await TextsFile.write(connection, join(folder, 'texts'), order, model.slots);
      return new Snapshot(model, roots, graph, file);
    });
  }

  /**
   * All bundles of a snapshot that isn't open, in the order of their uuids: hardly anything of its tables is read.
   *
   * @throws LazuliError `repository_unavailable` naming table and column
   */
  static list(snapshot: SnapshotExport, limits: SnapshotLimits): Promise<readonly BundleName[]> {
    return withTables(snapshot, limits, async (model, connection) => {
      const sql = `SELECT uuid, version FROM (${model.list}) WHERE ${isNamed} ORDER BY uuid, version`;
      const rows = await rowsOf(connection, sql);
      return rows.map(([uuid, version]) => ({ uuid: String(uuid), version: String(version) }));
    });
  }

  /** Bundles whose uuid begins with a prefix. */
  list(prefix: string): readonly BundleName[] {
    return this.#roots.filter(({ uuid }) => uuid.startsWith(prefix));
  }

  /**
   * @returns UTF-8 JSON; null where there is no such bundle
   * @throws LazuliError `bundle_invalid` where it can't be put together, `bundle_too_large`
   */
  fetch({ uuid, version }: BundleName, maxBytes: number): Uint8Array | null {
    const root = this.#byUuid.get(uuid)?.find((one) => one.version === version);
    if (root === undefined) return null;
    const place = { bundle: `${uuid}.${version}` };
    this.#bundle.clear();
    try {
      this.#assemble(root, this.#bundle);
    } catch (error) {
      if (!(error instanceof BundleProblem)) throw error;
      throw new LazuliError('bundle_invalid', `The snapshot can't give the bundle: ${error.message}`, {
        place,
        remedy: 'Correct the tables of the snapshot, make another one, and configure that.',
      });
    }
    if (this.#bundle.size <= maxBytes) return this.#bundle.toBytes();
    throw new LazuliError('bundle_too_large', `The bundle has ${this.#bundle.size} bytes; ${maxBytes} is the limit`, {
      place,
      remedy: 'Raise limits.bundleBytes, or leave the bundle out.',
    });
  }

  close(): void {
    this.#texts.close();
  }
}

/** Does something with the tables of a snapshot, as views, in a folder that goes afterwards. */
async function withTables<T>(
  snapshot: SnapshotExport,
  limits: SnapshotLimits,
  work: (model: Model, connection: DuckDBConnection, folder: string) => Promise<T>,
): Promise<T> {
  const model = modelOf(new Set(snapshot.tables.keys()));
  if (model === undefined) throw unusable(snapshot, 'its tables are those of no data model that is known');
  const folder = ownFolder(limits.folder);
  try {
    const database = await openDatabase(folder, limits);
    try {
      const { connection } = database;
      await viewTables(connection, snapshot, model);
      return await work(model, connection, folder);
    } finally {
      closeDatabase(database);
    }
  } catch (error) {
    throw error instanceof LazuliError ? error : unusable(snapshot, (error as Error).message, error);
  } finally {
    removeFolder(folder);
  }
}

async function viewTables(connection: DuckDBConnection, snapshot: SnapshotExport, model: Model): Promise<void> {
  for (const [table, files] of snapshot.tables)
    await connection.run(
      `CREATE VIEW ${name(table)} AS SELECT * FROM read_parquet(${texts(files)}, union_by_name = true)`,
    );
  for (const [table, columns] of Object.entries(model.tables)) await checkColumns(connection, snapshot, table, columns);
}

const isNamed = 'uuid IS NOT NULL AND version IS NOT NULL';

/** In the order of their uuids; one of each name. */
async function rootsOf(connection: DuckDBConnection): Promise<readonly Root[]> {
  const roots: Root[] = [];
  const versions = new Map<string, string>();
  const sql = `SELECT uuid, version, min(node), arg_min(kind, node) FROM roots WHERE ${isNamed} GROUP BY uuid, version ORDER BY uuid, version`;
  for await (const [uuids = [], ofVersions = [], nodes = [], kinds = []] of columnsOf(connection, sql)) {
    for (let i = 0; i < uuids.length; i++) {
      const version = String(ofVersions[i]);
      if (!versions.has(version)) versions.set(version, version);
      roots.push({
        uuid: String(uuids[i]),
        version: versions.get(version) ?? version,
        node: Number(nodes[i]),
        kind: Number(kinds[i]),
      });
    }
  }
  return roots;
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

const unusable = ({ name: snapshot, id }: SnapshotExport, why: string, cause?: unknown): LazuliError =>
  new LazuliError('repository_unavailable', `Snapshot ${snapshot} (${id}) can't be used: ${why}`, {
    remedy: 'Export the snapshot again, or leave its source out; ingest goes on by itself.',
    ...(cause === undefined ? {} : { cause }),
  });

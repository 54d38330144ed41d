import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { name, text, texts } from '../../core/duckdb/sql.ts';
import {
  bundlesTable,
  layoutVersion,
  type Manifest,
  manifestKey,
  stagedTables,
  tableKey,
} from '../../core/staged/layout.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { expectOwned } from '../catalog/epochs.ts';
import { descending, type StagedBatch } from '../store/load.ts';
import { inPart, type Part } from '../store/part.ts';
import { amountOf } from '../store/store.ts';

/** Rows that are sorted and compressed together: it bounds the memory of verbatim documents. */
const rowGroup = 8192;
/** of zstd: level 3 takes a fifth more time for files that are as large */
const level = 1;

/** A batch that others are merged into. */
export interface MergeJob {
  readonly batch: string;
  readonly created: string;
  readonly inputs: readonly StagedBatch[];
  /** of what nothing stays; null: everything stays */
  readonly drops: Part | null;
  /** whether it replaces its inputs; otherwise it is made aside, and another manifest replaces them */
  readonly replaces: boolean;
  /** SQL of the condition under which a row of `bundles` stays though it is dropped; default: none does */
  readonly keeps?: string;
}

/** A table's file that isn't put yet. */
interface Made {
  readonly table: string;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

/**
 * Merges staged batches into one, a table at a time, sorted by bundle where nothing is dropped. A copy that was staged
 * more than once is kept once. Copies that differ in anything are all kept: loading decides which one counts (invariant
 * 4).
 */
export class Merge {
  readonly #context: CatalogContext;
  readonly #job: MergeJob;
  readonly #left: string[];
  readonly #tables: Record<string, Manifest['tables'][string]> = {};
  #bundles: Manifest['bundles'] | null = null;
  #made: Made | null = null;

  constructor(context: CatalogContext, job: MergeJob) {
    this.#context = context;
    this.#job = job;
    this.#left = stagedTables(context.plugin).map((table) => table.name);
  }

  /**
   * Writes a table; after the last one the manifest, which makes the batch exist in the place of the others.
   *
   * @returns whether it does
   */
  async step(): Promise<boolean> {
    await this.#context.store.expect(amountOf(this.#job.inputs));
    this.#bundles ??= await this.#choose();
    const table = this.#left[0];
    if (table === undefined) {
      await this.#put();
      await this.#publish(this.#bundles);
      return true;
    }
    // The file of the table before is put while this one is made.
    const [made, put] = await Promise.allSettled([this.#make(table), this.#put()]);
    if (put.status === 'rejected') throw put.reason;
    if (made.status === 'rejected') throw made.reason;
    this.#made = made.value;
    this.#left.shift();
    return false;
  }

  /** Which copies stay, and from which file each is taken. */
  async #choose(): Promise<Manifest['bundles']> {
    const { store } = this.#context;
    const { inputs, drops, keeps = 'false' } = this.#job;
    const stays = drops === null ? 'true' : `(NOT ${inPart(drops)} OR ${keeps})`;
    const source = filesOf(inputs, bundlesTable.name);
    if (source === null) return [];
    await store.run(`CREATE OR REPLACE TEMP TABLE kept_copies AS
      SELECT DISTINCT ON (bundle) bundle, parse_filename(filename) AS file FROM ${source} WHERE ${stays}
      ORDER BY bundle, ${descending}, filename`);
    const [row] = await store.rows(`SELECT to_json(list({action: s.action, number: s.number,
      source: {id: s.source_id, spec: s.source_spec}, uuid: s.bundle_uuid, version: s.bundle_version} ORDER BY s.bundle)) AS bundles ${kept(source)}`);
    return row?.bundles === null ? [] : JSON.parse(String(row?.bundles));
  }

  /** @returns null for a table of which nothing is left */
  async #make(table: string): Promise<Made | null> {
    const { store, plugin } = this.#context;
    const source = filesOf(this.#job.inputs, table);
    if (source === null) return null;
    const columns = stagedTables(plugin).find((one) => one.name === table)?.columns ?? [];
    const key = columns.slice(0, 2).map((column) => name(column.name));
    // What only loses rows is taken as it comes: sorting wide rows takes a third of the time.
    const order = this.#job.drops === null ? `ORDER BY ${key.join(', ')}` : '';
    const file = store.scratchFile(`${this.#job.batch}.parquet`);
    const rows = await store.number(`COPY (
      SELECT ${columns.map((column) => `s.${name(column.name)}`).join(', ')} ${kept(source)} ${order}
    ) TO ${text(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${level}, ROW_GROUP_SIZE ${rowGroup})`);
    const bytes = await readFile(file);
    await rm(file);
    return rows === 0 ? null : { table, rows, bytes };
  }

  async #put(): Promise<void> {
    if (this.#made === null) return;
    const { objects, catalog } = this.#context;
    const { table, rows, bytes } = this.#made;
    await objects.put(tableKey(catalog, table, this.#job.batch), bytes);
    this.#tables[table] = { rows, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    this.#made = null;
  }

  async #publish(bundles: Manifest['bundles']): Promise<void> {
    const { objects, plugin, catalog } = this.#context;
    const { batch, created, inputs, drops, replaces } = this.#job;
    const plugged = { plugin: { name: plugin.name, version: plugin.version }, tables: this.#tables, bundles };
    // Another worker may have removed what this one would keep.
    await expectOwned(this.#context);
    const manifest: Manifest = {
      ...{ layout: layoutVersion, batch, catalog, created, ...plugged },
      ...(replaces ? standingFor(inputs, drops) : { replaces: [], drops: [] }),
      staged: new Date(Math.max(...inputs.map(({ staged }) => staged))).toISOString(),
    };
    // false: an earlier attempt wrote it
    await objects.putIfAbsent(manifestKey(catalog, batch), Buffer.from(JSON.stringify(manifest), 'utf8'));
  }
}

/** What a manifest says that replaces batches. What they admitted still counts. */
export function standingFor(
  inputs: readonly Pick<StagedBatch, 'batch' | 'admits'>[],
  drops: Part | null,
): Pick<Manifest, 'replaces' | 'drops' | 'prefix' | 'admits'> {
  const admits = inputs.flatMap((input) => input.admits);
  return {
    replaces: inputs.map(({ batch }) => batch),
    drops: [...(drops?.sources ?? [])],
    ...(drops === null || drops.prefix === '' ? {} : { prefix: drops.prefix }),
    ...(admits.length === 0 ? {} : { admits }),
  };
}

/** @returns null where no batch has such a table */
function filesOf(inputs: readonly StagedBatch[], table: string): string | null {
  const files = inputs.flatMap((input) => input.files[table] ?? []);
  return files.length === 0 ? null : `read_parquet(${texts(files)}, filename = true, union_by_name = true)`;
}

function kept(source: string): string {
  return `FROM ${source} s JOIN kept_copies k ON s.bundle = k.bundle AND parse_filename(s.filename) = k.file`;
}

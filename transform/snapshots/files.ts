import { readFile, rename, rm } from 'node:fs/promises';
import { text } from '../../core/duckdb/sql.ts';
import { documentRows } from '../../core/exports/document-rows.ts';
import type { SnapshotFile, Snapshots } from '../../core/exports/snapshots.ts';
import { sha256Of } from '../../core/storage/digest.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { PublishedType } from './pending.ts';

/** A file of rows of documents, with the commits between which they were computed. */
export interface RowsFile extends SnapshotFile {
  readonly entityType: number;
  readonly sha256: string;
  readonly hashes: string;
  readonly first: number;
  readonly last: number;
}

/**
 * A writer has a row group of a hundred columns in memory, and a dictionary for each; so has a reader. With larger ones the usual
 * memory of a store has room for neither.
 */
export const rowsOptions =
  'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048, STRING_DICTIONARY_PAGE_SIZE_LIMIT 65536';

/** How names of files begin, so that one can tell what they may belong to. @param last commit of which they have rows */
export const asOf = (epoch: number, last: number): string => `${epoch}-${last}-`;

/** Writes rows of documents to files that never change, beside the staged batches. */
export class RowsFiles {
  readonly #context: CatalogContext;
  readonly #snapshots: Snapshots;
  readonly #by: string;
  #put = 0;

  /** @param by in the names of files: tells builders apart, which write beside the owner and each other */
  constructor(context: CatalogContext, snapshots: Snapshots, by = '') {
    this.#context = context;
    this.#snapshots = snapshots;
    this.#by = by;
  }

  /** Whether a file was put as of a commit, by this epoch. */
  isAsOf(key: string, commit: number): boolean {
    return key.startsWith(`${this.#snapshots.filesFolder}${asOf(this.#context.epoch, commit)}`);
  }

  /**
   * Writes rows to a file of this machine.
   *
   * @param called its name: what was left under the same one goes
   * @param from SQL of rows `entity_id`, `commit`, `hash`, `body`
   * @returns its path
   */
  write(type: PublishedType, called: string, from: string): Promise<string> {
    return this.#copy(`${called}-${type.name}`, documentRows(this.#context.plugin, type.name, from));
  }

  /** The same rows but for those of some entities. */
  async without(file: string, entities: readonly string[]): Promise<string> {
    const ids = entities.map(text).join(', ');
    const left = await this.#copy('left', `SELECT * FROM read_parquet(${text(file)}) WHERE entity_id NOT IN (${ids})`);
    await rename(left, file);
    return file;
  }

  /** Rows of files, written once more. @param select SQL that has all their columns */
  async rewrite(select: string): Promise<string> {
    await this.#context.store.expect('little');
    return this.#copy('rewritten', select);
  }

  /** Puts a file where it stays, and removes it from this machine. @returns null where it has no rows */
  async put(type: PublishedType, file: string): Promise<RowsFile | null> {
    const { store, objects, epoch } = this.#context;
    const [row] = await store.rows(
      `SELECT count(*) AS rows, min("commit") AS first, max("commit") AS last,
        coalesce(sum(hash), 0)::VARCHAR AS hashes FROM read_parquet(${text(file)})`,
    );
    const rows = Number(row?.rows ?? 0);
    if (rows === 0) {
      await rm(file, { force: true });
      return null;
    }
    const [first, last] = [Number(row?.first), Number(row?.last)];
    const key = this.#snapshots.fileKey(`${asOf(epoch, last)}${type.name}-${this.#by}${++this.#put}`);
    const bytes = await readFile(file);
    await objects.put(key, bytes);
    await rm(file, { force: true });
    const sums = { sha256: await sha256Of(bytes), hashes: String(row?.hashes) };
    return { entityType: type.number, key, rows, bytes: bytes.length, ...sums, first, last };
  }

  async #copy(called: string, select: string): Promise<string> {
    const { store } = this.#context;
    const file = store.scratchFile(`${called}.parquet`);
    await store.run(`COPY (${select}) TO ${text(file)} (${rowsOptions})`);
    return file;
  }
}

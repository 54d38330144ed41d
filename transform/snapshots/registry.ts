import { text } from '../../core/duckdb/sql.ts';
import type { Store } from '../store/store.ts';
import type { RowsFile } from './files.ts';

const baseMark = 'snapshot_base';
const purgeMark = 'snapshot_purge';
const begunMark = 'snapshot_begun';

/**
 * Which files there are: the table `snapshot_files`. Those of a generation, its *base*, have every document as its build
 * computed it; *deltas*, which belong to none, what was written since, into all that are attached alike.
 */
export class FileRegistry {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The generation whose base is whole; null where there is none. */
  async base(): Promise<number | null> {
    const base = await this.#store.meta(baseMark);
    return base === null ? null : Number(base);
  }

  /** @param generation null: a delta */
  async add(generation: number | null, files: readonly RowsFile[]): Promise<void> {
    for (const { entityType, key, rows, bytes, sha256, hashes, first, last } of files)
      await this.#store.run(
        `INSERT INTO snapshot_files VALUES (${generation ?? 'NULL'}, ${entityType}, ${text(key)}, ${rows}, ${bytes},
          ${text(sha256)}, ${text(hashes)}, ${first}, ${last})`,
      );
  }

  /** In the order in which they were computed. @param generation null: deltas; absent: all */
  files(generation?: number | null): Promise<readonly RowsFile[]> {
    if (generation === undefined) return this.#where('true');
    return this.#where(generation === null ? 'generation IS NULL' : `generation = ${generation}`);
  }

  /** Of which a snapshot consists whose base is that of a generation, once that counts; null where a later one's does. */
  async standing(generation: number): Promise<readonly RowsFile[] | null> {
    if (generation < ((await this.base()) ?? 0)) return null;
    const planned = plannedOf(await this.#begun(), generation);
    return this.#where(`generation = ${generation} OR (generation IS NULL AND last > ${planned})`);
  }

  async #where(condition: string): Promise<readonly RowsFile[]> {
    const rows = await this.#store.rows(`SELECT * FROM snapshot_files WHERE ${condition} ORDER BY first, last, key`);
    return rows.map(({ entity_type, key, rows: count, bytes, sha256, hashes, first, last }) => ({
      ...{ entityType: Number(entity_type), key: String(key), rows: Number(count), bytes: Number(bytes) },
      ...{ sha256: String(sha256), hashes: String(hashes), first: Number(first), last: Number(last) },
    }));
  }

  /** Has one stand for others; in the caller's transaction. */
  async replace(keys: readonly string[], generation: number | null, files: readonly RowsFile[]): Promise<void> {
    await this.#store.run(`DELETE FROM snapshot_files WHERE key IN (${keys.map(text).join(', ')})`);
    await this.add(generation, files);
  }

  /** A generation is planned as of a commit: what is older of any document is of no use beside its base. In the caller's transaction. */
  async noteBegun(generation: number, commit: number): Promise<void> {
    await this.#store.setMeta(begunMark, `${generation} ${commit}`);
  }

  /**
   * The base of a generation counts from now on, and what is newer than its plan: what was written before the first bucket
   * was computed is in no bucket. In the caller's transaction.
   *
   * @returns the commit up to which nothing else counts
   */
  async setBase(generation: number): Promise<number> {
    const planned = plannedOf(await this.#begun(), generation);
    await this.#endBuild(generation);
    await this.#store.setMeta(baseMark, String(generation));
    await this.#store.run(`DELETE FROM snapshot_files WHERE generation != ${generation}
      OR (generation IS NULL AND last <= ${planned})`);
    return planned;
  }

  /** Whether another base is being made: what is newer than its plan must not go into the one that counts. */
  async isBuilding(): Promise<boolean> {
    return (await this.#begun()) !== null;
  }

  /** Whether something was removed of which nothing may be left in any file. */
  async isPurgeWanted(): Promise<boolean> {
    return (await this.#store.meta(purgeMark)) !== null;
  }

  wantPurge(): Promise<void> {
    return this.#store.setMeta(purgeMark, 'wanted');
  }

  notePurged(): Promise<void> {
    return this.#drop(purgeMark);
  }

  /** Of a generation that was given up; in the caller's transaction. */
  async forget(generation: number): Promise<void> {
    await this.#endBuild(generation);
    await this.#store.run(`DELETE FROM snapshot_files WHERE generation = ${generation}`);
  }

  async forgetAll(): Promise<void> {
    await this.#store.run('DELETE FROM snapshot_files');
    await this.#drop(baseMark);
    await this.#drop(begunMark);
  }

  async #begun(): Promise<Begun | null> {
    const begun = await this.#store.meta(begunMark);
    if (begun === null) return null;
    const [generation = 0, planned = 0] = begun.split(' ').map(Number);
    return { generation, planned };
  }

  async #endBuild(generation: number): Promise<void> {
    if ((await this.#begun())?.generation === generation) await this.#drop(begunMark);
  }

  async #drop(mark: string): Promise<void> {
    await this.#store.run(`DELETE FROM meta WHERE key = ${text(mark)}`);
  }
}

/** A generation that is being built, and the commit as of which it was planned. */
interface Begun {
  readonly generation: number;
  readonly planned: number;
}

/** The commit up to which nothing but its base counts for a generation. */
const plannedOf = (begun: Begun | null, generation: number): number =>
  begun?.generation === generation ? begun.planned : 0;

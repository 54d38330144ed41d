import type { Store } from '../store/store.ts';

/** Fewer are left alone. */
const largeNotes = 100_000;
/** In the place of the hash of a document that is not in the index. */
const absent = -1;
/** SQL of what is noted of a row of `computed`. */
const noted = `CASE WHEN body IS NULL THEN ${absent} ELSE hash::BIGINT END`;

/** SQL of what is noted of all that is in the temporary table `computed`: entity_type, entity_id, hash. */
export const notedDocuments = `SELECT entity_type::TINYINT AS entity_type, entity_id, (${noted})::BIGINT AS hash FROM computed`;

/**
 * What each attached generation must hold: the hash of every document as it was computed last. It is written down
 * apart from what is sent, so that a generation can be compared with it before it serves (architecture, invariant 17).
 */
export class Ledger {
  readonly #store: Store;
  /** notes that were left by the last compaction */
  #compacted = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Notes what is in the temporary table `computed`, as of a commit. Later notes count. */
  async note(generations: readonly number[], commit: number): Promise<void> {
    await this.#store.run(`INSERT INTO ledger
      SELECT unnest([${generations.join(', ')}]), entity_type, entity_id, ${commit}, ${noted} FROM computed`);
  }

  /** Notes documents that somebody else has computed. @param documents SQL: entity_type, entity_id, hash */
  async noteOthers(generation: number, commit: number, documents: string): Promise<void> {
    await this.#store.run(
      `INSERT INTO ledger SELECT ${generation}, entity_type, entity_id, ${commit}, hash FROM (${documents})`,
    );
  }

  /**
   * Takes out of the temporary table `computed` what all of some generations hold as it is.
   *
   * @param since notes up to this commit say nothing of what is in the index
   */
  async leaveOutHeld(generations: readonly number[], since: number): Promise<void> {
    await this.#store.run(`DELETE FROM computed USING (
        SELECT entity_type, entity_id, min(noted) AS noted FROM (
          SELECT entity_type, entity_id, arg_max(hash, commit) AS noted
          FROM ledger SEMI JOIN computed USING (entity_type, entity_id)
          WHERE commit > ${since} AND generation IN (${generations.join(', ')})
          GROUP BY generation, entity_type, entity_id)
        GROUP BY entity_type, entity_id HAVING count(*) = ${generations.length} AND min(noted) = max(noted)) held
      WHERE computed.entity_type = held.entity_type AND computed.entity_id = held.entity_id AND held.noted = ${noted}`);
  }

  async forget(generation: number): Promise<void> {
    await this.#store.run(`DELETE FROM ledger WHERE generation = ${generation}`);
  }

  async forgetAll(): Promise<void> {
    await this.#store.run('DELETE FROM ledger');
  }

  /** Every write adds a note: so the ledger grows until somebody sees to it. */
  async compactLarge(): Promise<void> {
    const notes = await this.#store.number('SELECT count(*) FROM ledger');
    if (notes > largeNotes + 2 * this.#compacted) await this.#store.transaction(() => this.compact());
  }

  /** Drops notes that don't count any more; in the caller's transaction. */
  async compact(): Promise<void> {
    await this.#store.run(`CREATE OR REPLACE TEMP TABLE counting AS SELECT generation, entity_type, entity_id, max(commit) AS commit, arg_max(hash, commit) AS hash
      FROM ledger GROUP BY generation, entity_type, entity_id`);
    await this.#store.run('DELETE FROM ledger');
    await this.#store.run('INSERT INTO ledger SELECT * FROM counting; DROP TABLE counting');
    this.#compacted = await this.#store.number('SELECT count(*) FROM ledger');
  }
}

/** SQL of the documents that a generation must hold: entity_type, entity_id, hash. */
export function heldDocuments(generation: number): string {
  return `SELECT entity_type, entity_id, arg_max(hash, commit) AS hash FROM ledger WHERE generation = ${generation}
    GROUP BY entity_type, entity_id HAVING arg_max(hash, commit) != ${absent}`;
}

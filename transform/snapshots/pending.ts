import { text } from '../../core/duckdb/sql.ts';
import type { EntityKey } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/** SQL of the JSON text of a document in `computed`, without its hash. */
const wholeBody = `concat(body, cuts, rest, '}')`;

/** An entity type whose documents are published. */
export interface PublishedType {
  readonly name: string;
  /** in the store */
  readonly number: number;
}

/**
 * Documents that were written to the index and are in no published file yet: the table `snapshot_rows`. A document that
 * was written several times may be there several times; the row of the greatest commit counts. `body` is null in a tombstone.
 */
export class PendingRows {
  readonly #store: Store;
  readonly #types: readonly PublishedType[];
  readonly #documentBytes: number;

  /** @param documentBytes larger documents are not in the index, and not published either */
  constructor(store: Store, types: readonly PublishedType[], documentBytes: number) {
    this.#store = store;
    this.#types = types;
    this.#documentBytes = documentBytes;
  }

  /** SQL of what is in the temporary table `computed`, of one entity type and without tombstones, as `documentRows` takes it. */
  computed({ number }: PublishedType, commit: number): string {
    return `SELECT entity_id, ${commit}::BIGINT AS "commit", hash, ${wholeBody} AS body
      FROM computed WHERE entity_type = ${number} AND body IS NOT NULL AND bytes <= ${this.#documentBytes}`;
  }

  /** Notes what is in the temporary table `computed`, as of a commit; in the transaction that computes. */
  async note(commit: number): Promise<void> {
    if (this.#types.length === 0) return;
    const types = this.#types.map(({ number }) => number).join(', ');
    await this.#store.run(`INSERT INTO snapshot_rows
      SELECT entity_type, entity_id, ${commit}, CASE WHEN body IS NOT NULL THEN hash END, CASE WHEN body IS NOT NULL THEN ${wholeBody} END
      FROM computed WHERE entity_type IN (${types}) AND (body IS NULL OR bytes <= ${this.#documentBytes})`);
  }

  /** The index has refused these: what it had of them before stays, here as there. In the transaction that acknowledges. */
  async drop(documents: readonly EntityKey[]): Promise<void> {
    for (const { entityType, entityId } of documents)
      await this.#store.run(`DELETE FROM snapshot_rows WHERE entity_type = ${entityType} AND entity_id = ${text(entityId)}
        AND "commit" = (SELECT max("commit") FROM snapshot_rows WHERE entity_type = ${entityType} AND entity_id = ${text(entityId)})`);
  }

  /** Of what is older than a commit nothing counts any more. */
  async dropUntil(commit: number): Promise<void> {
    await this.#store.run(`DELETE FROM snapshot_rows WHERE "commit" <= ${commit}`);
  }

  async clear(): Promise<void> {
    await this.#store.run('DELETE FROM snapshot_rows');
  }

  count({ number }: PublishedType): Promise<number> {
    return this.#store.number(`SELECT count(*) FROM snapshot_rows WHERE entity_type = ${number}`);
  }

  async some(): Promise<boolean> {
    return (await this.#store.rows('SELECT 1 FROM snapshot_rows LIMIT 1')).length > 0;
  }

  /** SQL of the rows that count, of one entity type, as `documentRows` takes them. */
  select({ number }: PublishedType): string {
    return `SELECT entity_id, "commit", hash, body FROM snapshot_rows SEMI JOIN (
        SELECT entity_type, entity_id, max("commit") AS "commit" FROM snapshot_rows WHERE entity_type = ${number} GROUP BY entity_type, entity_id)
      USING (entity_type, entity_id, "commit")`;
  }
}

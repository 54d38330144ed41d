import { text } from '../../core/duckdb/sql.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { isRested, type Rest, restLeft } from '../../core/runtime/rest.ts';
import { hotLinks } from '../computing/documents.ts';
import type { EntityKey } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/** Entities written at a time; documents of very many bundles go alone. */
export const maxWanted = 2000;
/** A hot document is written again after this many times its last cost, or after `maxRest` ms (invariant 8). */
const restPerCost = 10;
const maxRest = 60_000;

/** A document that was costly when it was written last. */
interface Hot {
  readonly rest: Rest;
}

/**
 * The entities that wait to be written, cold ones first. What is taken stays in the outbox until it is
 * acknowledged, and beyond if it was touched again meanwhile.
 */
export class Outbox {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #hot = new Map<string, Hot>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async size(): Promise<number> {
    return this.#store.number('SELECT count(*) FROM outbox');
  }

  /** The commit of the oldest load of which something isn't written yet; null when all is. */
  async oldest(): Promise<number | null> {
    const [row] = await this.#store.rows('SELECT min(since) AS oldest FROM outbox');
    return row?.oldest === null || row?.oldest === undefined ? null : Number(row.oldest);
  }

  /**
   * Fills the temporary table `wanted` with entities that may be written now. A hot one goes alone, after all others; but
   * one with a rollup costs no more than they, and goes with them. Those of one bundle go together, as what they have in
   * common is worked out once.
   *
   * @param resting those that may not, as `resting` has them
   * @param most of them
   * @returns their number, and the hot ones among them
   */
  async take(resting: readonly string[] = [], most = maxWanted): Promise<{ wanted: number; hot: readonly string[] }> {
    await this.#store.run(`CREATE OR REPLACE TEMP TABLE taken AS
      SELECT o.*, count(e.bundle_key) AS links, count(e.bundle_key) - coalesce(any_value(r.bundles), 0) AS costly, max(e.bundle_key) AS latest
      FROM outbox o LEFT JOIN entities e ON e.entity_id = o.entity_id AND e.entity_type = o.entity_type
        LEFT JOIN rollups r ON r.entity_id = o.entity_id AND r.entity_type = o.entity_type
      WHERE o.entity_type || '/' || o.entity_id NOT IN (${["''", ...resting.map(text)].join(', ')})
      GROUP BY ALL ORDER BY costly > ${hotLinks}, o.commit, latest, o.entity_type, o.entity_id LIMIT ${most}`);
    const cold = await this.#store.number(`SELECT count(*) FROM taken WHERE costly <= ${hotLinks}`);
    const chosen = cold > 0 ? `WHERE costly <= ${hotLinks}` : 'LIMIT 1';
    await this.#store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
      SELECT (row_number() OVER (ORDER BY entity_type, entity_id) - 1)::INTEGER AS doc, entity_type, entity_id, commit, links
      FROM (SELECT * FROM taken ${chosen})`);
    const hot = await this.#store.rows(
      `SELECT entity_type || '/' || entity_id AS key FROM wanted WHERE links > ${hotLinks}`,
    );
    return { wanted: cold > 0 ? cold : hot.length, hot: hot.map(({ key }) => String(key)) };
  }

  /** Those of `wanted` that were not touched again are done. */
  async acknowledge(): Promise<void> {
    await this.#store.run(
      'DELETE FROM outbox o USING wanted w WHERE o.entity_type = w.entity_type AND o.entity_id = w.entity_id AND o.commit = w.commit',
    );
  }

  /** Hot documents were written; milliseconds. */
  rest(hot: readonly string[], cost: number): void {
    const rest = { since: this.#clock.now(), millis: Math.min(restPerCost * cost, maxRest) };
    for (const key of hot) this.#hot.set(key, { rest });
  }

  /** Hot documents that were written a moment ago. Who takes several times in a row asks once: else the order changes meanwhile. */
  resting(): readonly string[] {
    this.#forget();
    return [...this.#hot.keys()];
  }

  /** How long until a resting document may be written again; null if none rests. */
  restLeft(): number | null {
    this.#forget();
    const now = this.#clock.now();
    const times = [...this.#hot.values()].map(({ rest }) => restLeft(rest, now));
    return times.length === 0 ? null : Math.min(...times);
  }

  async touch({ entityType, entityId }: EntityKey, commit: number): Promise<void> {
    await this.#store.run(
      `INSERT INTO outbox VALUES (${entityType}, ${text(entityId)}, ${commit}, ${commit}) ON CONFLICT DO UPDATE SET commit = excluded.commit`,
    );
  }

  #forget(): void {
    const now = this.#clock.now();
    for (const [key, { rest }] of this.#hot) if (isRested(rest, now)) this.#hot.delete(key);
  }
}

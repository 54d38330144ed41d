import type { KeyRange } from './aggregate/surroundings.ts';
import type { Emission, LargeDocument, Target } from './emission.ts';
import type { BulkBody } from './sink/body.ts';
import type { Store } from './store/store.ts';

/**
 * Links to bundles in the first and in the largest buckets: about as many documents, unless some are of very many
 * bundles. The first ones double up to the largest, so that writing starts early.
 */
const links = { first: 1000, most: 4000 } as const;
/** Buckets that are smaller than the largest, and the links in all of them. */
const growing = Math.log2(links.most / links.first);
const grown = links.first * (2 ** growing - 1);

/** A part of the documents: those of neighbouring bundles, so that they share what they have in common. */
interface Bucket {
  readonly number: number;
  readonly documents: number;
  readonly bundles: KeyRange;
}

/** What one bucket came to. */
export interface BuiltBucket {
  readonly documents: number;
  readonly bodies: readonly BulkBody[];
  readonly large: readonly LargeDocument[];
}

/**
 * Splits all documents that selected bundles mention into buckets: first documents of one stored
 * bundle, in the order of bundles, then those of several. Each bucket reads only the range of
 * bundles that mention its documents, so that the work grows with the documents and no faster.
 * The first buckets are small: nothing is written while the first one is computed.
 */
export class Rebuild {
  readonly #store: Store;
  readonly #emission: Emission;
  #buckets: readonly Bucket[] = [];

  constructor(store: Store, emission: Emission) {
    this.#store = store;
    this.#emission = emission;
  }

  /** @returns the number of documents to be built */
  async plan(): Promise<number> {
    await this.#store.run(`CREATE OR REPLACE TEMP TABLE rebuilt AS
      SELECT entity_type, entity_id, several, first, last,
        CASE WHEN several THEN before // ${links.most} WHEN before < ${grown} THEN floor(log2(before / ${links.first} + 1))
          ELSE ${growing} + (before - ${grown}) // ${links.most} END::INTEGER AS part
      FROM (
        SELECT *, sum(links) OVER (PARTITION BY several ORDER BY first, entity_type, entity_id) - links AS before FROM (
          SELECT e.entity_type, e.entity_id, count(*) AS links, count(*) > 1 AS several, min(e.bundle_key) AS first, max(e.bundle_key) AS last
          FROM entities e JOIN bundles b USING (bundle_key)
          GROUP BY e.entity_type, e.entity_id HAVING bool_or(b.selected)))`);
    const rows = await this.#store.rows(`CREATE OR REPLACE TEMP TABLE buckets AS
      SELECT (row_number() OVER (ORDER BY several, part) - 1)::INTEGER AS bucket,
        several, part, count(*) AS documents, min(first) AS low, max(last) AS high
      FROM rebuilt GROUP BY several, part; SELECT * FROM buckets ORDER BY bucket`);
    this.#buckets = rows.map((row) => ({
      number: Number(row.bucket),
      documents: Number(row.documents),
      bundles: { low: Number(row.low), high: Number(row.high) },
    }));
    return this.#buckets.reduce((sum, { documents }) => sum + documents, 0);
  }

  /** Builds bucket by bucket, as they are asked for. */
  async *build(target: Target): AsyncGenerator<BuiltBucket> {
    for (const { number, documents, bundles } of this.#buckets) {
      await this.#store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
        SELECT (row_number() OVER (ORDER BY first, r.entity_type, r.entity_id) - 1)::INTEGER AS doc, r.entity_type, r.entity_id
        FROM rebuilt r JOIN buckets b ON b.several = r.several AND b.part = r.part WHERE b.bucket = ${number}`);
      await this.#emission.compute(bundles);
      yield { documents, bodies: await this.#emission.bodies(target), large: await this.#emission.tooLarge() };
    }
    for (const table of ['rebuilt', 'buckets']) await this.#store.run(`DROP TABLE ${table}`);
  }
}

import type { Emission, Target } from './emission.ts';
import type { KeyRange } from './aggregate/documents.ts';
import type { BulkBody } from './sink/body.ts';
import type { Store } from './store/store.ts';

/** How far a rebuild is; documents. */
export interface RebuildProgress {
  readonly done: number;
  readonly expected: number;
  /** milliseconds since the epoch */
  readonly started: number;
}

/** Links to bundles per bucket: about as many documents, unless some are of very many bundles. */
const linksPerBucket = 6000;

/** A part of the documents: those of neighbouring bundles, so that they share what they have in common. */
interface Bucket {
  readonly number: number;
  readonly documents: number;
  readonly bundles: KeyRange;
}

/**
 * Works through all documents that selected bundles mention, bucket by bucket: first documents of one
 * stored bundle, in the order of bundles, then those of several. Each bucket reads only the range
 * of bundles that mention its documents; while one is written, the next is computed.
 */
export class Rebuild {
  readonly #store: Store;
  readonly #emission: Emission;
  #buckets: readonly Bucket[] = [];

  constructor(store: Store, emission: Emission) {
    this.#store = store;
    this.#emission = emission;
  }

  /** @returns the number of documents */
  async plan(): Promise<number> {
    await this.#store.run(`CREATE OR REPLACE TEMP TABLE rebuilt AS
      SELECT *, ((sum(links) OVER (PARTITION BY several ORDER BY first, entity_type, entity_id) - links) // ${linksPerBucket})::INTEGER AS part FROM (
        SELECT e.entity_type, e.entity_id, count(*) AS links, count(*) > 1 AS several, min(e.bundle_key) AS first, max(e.bundle_key) AS last
        FROM entities e JOIN bundles b USING (bundle_key)
        GROUP BY e.entity_type, e.entity_id HAVING bool_or(b.selected))`);
    await this.#store.run(`CREATE OR REPLACE TEMP TABLE buckets AS
      SELECT (row_number() OVER (ORDER BY several, part) - 1)::INTEGER AS bucket, several, part, count(*) AS documents, min(first) AS low, max(last) AS high
      FROM rebuilt GROUP BY several, part`);
    const rows = await this.#store.rows('SELECT * FROM buckets ORDER BY bucket');
    this.#buckets = rows.map((row) => ({
      number: Number(row.bucket),
      documents: Number(row.documents),
      bundles: { low: Number(row.low), high: Number(row.high) },
    }));
    return this.#buckets.reduce((sum, { documents }) => sum + documents, 0);
  }

  /** The bodies of all buckets, each with the number of documents of the bucket that it ends, or 0. */
  async *bodies(target: Target): AsyncGenerator<BulkBody> {
    for (const { number, bundles } of this.#buckets) {
      await this.#store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
        SELECT (row_number() OVER (ORDER BY first, r.entity_type, r.entity_id) - 1)::INTEGER AS doc, r.entity_type, r.entity_id, 0::BIGINT AS commit
        FROM rebuilt r JOIN buckets b ON b.several = r.several AND b.part = r.part WHERE b.bucket = ${number}`);
      await this.#emission.compute(bundles);
      yield* await this.#emission.bodies(target);
    }
  }

  async tooLarge() {
    return this.#emission.tooLarge();
  }

  async done(): Promise<void> {
    for (const table of ['rebuilt', 'buckets']) await this.#store.run(`DROP TABLE IF EXISTS ${table}`);
  }
}

import type { KeyRange } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/** The first buckets double this often until they are as large as they may be, so that writing starts early. */
const doublings = 2;

/** A part of the documents: those of neighbouring bundles, so that they share what they have in common. */
export interface Bucket {
  readonly number: number;
  readonly documents: number;
  readonly bundles: KeyRange;
}

/** Documents of one source in one bucket of a plan; one of several sources counts for each. */
export interface PlannedDocuments {
  readonly bucket: number;
  readonly source: string;
  readonly documents: number;
  readonly written: boolean;
}

/** How many documents a plan has in all, how many of them are written, and of which sources they are. */
export interface Planned {
  readonly expected: number;
  readonly written: number;
  readonly sources: readonly PlannedDocuments[];
}

/**
 * Splits all documents that selected bundles mention into buckets: first documents of one stored
 * bundle, in the order of bundles, then those of several. Each bucket reads only the range of
 * bundles that mention its documents, so that the work grows with the documents and no faster.
 * The first buckets are small: nothing is written while the first one is computed.
 *
 * A plan is kept in the store, and with it what of it is done: a build goes on after a restart. What a load
 * touches meanwhile leaves the plan, as it is written with everything else that loads touch.
 */
export class BuildPlan {
  readonly #store: Store;
  readonly #links: number;

  /** @param links to bundles in the largest buckets: about as many documents, unless some are of very many bundles */
  constructor(store: Store, links: number) {
    this.#store = store;
    this.#links = links;
  }

  /** Of all documents as they are now, in the caller's transaction. */
  async make(): Promise<void> {
    await this.drop();
    const most = this.#links;
    const first = most / 2 ** doublings;
    const grown = first * (2 ** doublings - 1);
    await this.#store.run(`INSERT INTO unbuilt
      SELECT entity_type, entity_id, several, first, last,
        CASE WHEN several THEN before // ${most} WHEN before < ${grown} THEN floor(log2(before / ${first} + 1))
          ELSE ${doublings} + (before - ${grown}) // ${most} END::INTEGER AS part
      FROM (
        SELECT *, sum(links) OVER (PARTITION BY several ORDER BY first, entity_type, entity_id) - links AS before FROM (
          SELECT e.entity_type, e.entity_id, count(*) AS links, count(*) > 1 AS several, min(e.bundle_key) AS first, max(e.bundle_key) AS last
          FROM entities e JOIN bundles b USING (bundle_key)
          GROUP BY e.entity_type, e.entity_id HAVING bool_or(b.selected)))
      ORDER BY several, part, first, entity_type, entity_id`);
    await this.#store.run(`INSERT INTO buckets
      SELECT (row_number() OVER (ORDER BY several, part) - 1)::INTEGER, several, part, count(*), min(first), max(last), false
      FROM unbuilt GROUP BY several, part`);
    await this.#store.run(`INSERT INTO bucket_sources
      SELECT bucket, source_id, count(*) FROM (
        SELECT DISTINCT several, part, entity_type, entity_id, source_id
        FROM unbuilt JOIN entities e USING (entity_type, entity_id) JOIN bundles b USING (bundle_key)
        WHERE several AND b.selected
        UNION ALL SELECT several, part, entity_type, entity_id, source_id
        FROM unbuilt JOIN bundles b ON b.bundle_key = first WHERE NOT several)
        JOIN buckets USING (several, part)
      GROUP BY bucket, source_id`);
  }

  async drop(): Promise<void> {
    for (const table of ['unbuilt', 'buckets', 'bucket_sources']) await this.#store.run(`DELETE FROM ${table}`);
  }

  async planned(): Promise<Planned> {
    const [row] = await this.#store.rows(
      'SELECT sum(documents) AS expected, sum(documents) FILTER (written) AS written FROM buckets',
    );
    const sources = await this.#store.rows(
      'SELECT bucket, source_id, s.documents, written FROM bucket_sources s JOIN buckets USING (bucket)',
    );
    return {
      expected: Number(row?.expected ?? 0),
      written: Number(row?.written ?? 0),
      sources: sources.map(({ bucket, source_id, documents, written }) => ({
        bucket: Number(bucket),
        source: String(source_id),
        documents: Number(documents),
        written: written === true,
      })),
    };
  }

  /** Buckets that aren't written yet, in the order in which they are to be built. */
  async remaining(): Promise<readonly Bucket[]> {
    const rows = await this.#store.rows('SELECT * FROM buckets WHERE NOT written ORDER BY bucket');
    return rows.map((row) => ({
      number: Number(row.bucket),
      documents: Number(row.documents),
      bundles: { low: Number(row.low), high: Number(row.high) },
    }));
  }

  /** Fills the temporary table `wanted` with a bucket's documents, but for those that a load has touched since. */
  async want(number: number): Promise<void> {
    await this.#store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
      SELECT (row_number() OVER (ORDER BY first, entity_type, entity_id) - 1)::INTEGER AS doc, entity_type, entity_id
      FROM unbuilt WHERE ${inBucket(number)} AND (entity_type, entity_id) NOT IN (SELECT (entity_type, entity_id) FROM outbox)`);
  }

  /** SQL of a bucket's documents that are left in the plan: entity_type, entity_id. */
  left(bucket: number): string {
    return `SELECT entity_type, entity_id FROM unbuilt WHERE ${inBucket(bucket)}`;
  }

  /** Leaves the documents of a bucket to those who write what loads touch, as of a commit; in the caller's transaction. */
  async leave(bucket: Bucket, commit: number): Promise<void> {
    await this.want(bucket.number);
    await this.#store.run(`INSERT INTO outbox SELECT entity_type, entity_id, ${commit}, ${commit} FROM wanted`);
    await this.markWritten([bucket.number]);
  }

  async markWritten(buckets: readonly number[]): Promise<void> {
    if (buckets.length > 0)
      await this.#store.run(`UPDATE buckets SET written = true WHERE bucket IN (${buckets.join(', ')})`);
  }

  /** Takes the documents in the temporary table `wanted` out: they have just been written as they are now. */
  async leaveOutWanted(): Promise<void> {
    await this.#store.run(
      'DELETE FROM unbuilt u USING wanted w WHERE u.entity_type = w.entity_type AND u.entity_id = w.entity_id',
    );
  }
}

const inBucket = (bucket: number): string =>
  `(several, part) = (SELECT (several, part) FROM buckets WHERE bucket = ${bucket})`;

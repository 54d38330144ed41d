import { name, text } from '../../../core/duckdb/sql.ts';
import type { BagShape } from '../../../core/model/manifests.ts';
import { type FormatJob, type Selection, shapeOf } from '../format.ts';

/**
 * Which files are in which bundles of a bag, in tables:
 * - `bag_links (bundle, entity_id, qualifier)`: a row for each file of each bundle
 * - `bag_bundles (bundle, uuid, version)`: bundles by number, in the order of uuid and version
 */
export async function makeLinks({ selection }: FormatJob, bag: BagShape): Promise<void> {
  await selection.run(`CREATE OR REPLACE TABLE bag_pairs AS
    SELECT DISTINCT entity_id, qualifier, uuid, version FROM (
      SELECT entity_id, ${qualifierOf(selection, bag)} AS qualifier, unnest(bundle_uuids) AS uuid, unnest(bundle_versions) AS version
      FROM selected)`);
  await selection.run(`CREATE OR REPLACE TABLE bag_bundles AS
    SELECT (row_number() OVER (ORDER BY uuid, version))::INTEGER AS bundle, uuid, version
    FROM (SELECT DISTINCT uuid, version FROM bag_pairs)`);
  await selection.run(`CREATE OR REPLACE TABLE bag_links AS
    SELECT bundle, entity_id, qualifier FROM bag_pairs JOIN bag_bundles USING (uuid, version)`);
  await selection.run('DROP TABLE bag_pairs');
}

/** How the columns of a file are told apart from those of the others of its bundle (specification, manifests 6). */
function qualifierOf(selection: Selection, { qualifier, refined }: BagShape): string {
  const { role } = shapeOf(selection).file;
  const column = (field: string): string => name(`${role}.${field}`);
  const cases = Object.entries(refined).map(
    ([value, { as, by }]) =>
      `WHEN ${text(value)} THEN concat(${text(`${as}_`)}, coalesce(${column(by)}::VARCHAR, 'None'))`,
  );
  const own = `coalesce(${column(qualifier)}::VARCHAR, 'None')`;
  const told = cases.length === 0 ? own : `CASE ${column(qualifier)} ${cases.join(' ')} ELSE ${own} END`;
  return `regexp_replace(${told}, '[^A-Za-z0-9_-]', '-', 'g')`;
}

/**
 * Takes bundles away all of whose files another one has, too: that of an analysis has what it was made from. Of bundles with
 * the same files the newest stays, of equal versions that of the lowest uuid.
 */
export async function dropRedundant(selection: Selection): Promise<void> {
  for (const sql of redundancy) await selection.run(sql);
}

/** Looked for among those bundles only that have a bundle's rarest file. */
const redundancy: readonly string[] = [
  // Sets of files by number of files and a sum of digests: equal sets are told by it.
  `CREATE OR REPLACE TABLE bag_sets AS
    SELECT bundle, files, row_number() OVER (PARTITION BY files, digest ORDER BY version DESC, uuid) = 1 AS newest
    FROM (SELECT bundle, count(*) AS files, bit_xor(md5_number(entity_id)) AS digest FROM bag_links GROUP BY bundle)
      JOIN bag_bundles USING (bundle)`,
  `CREATE OR REPLACE TABLE bag_kept_links AS
    SELECT l.bundle, l.entity_id, s.files FROM bag_links l JOIN bag_sets s USING (bundle) WHERE s.newest`,
  `CREATE OR REPLACE TABLE bag_candidates AS
    WITH spread AS (SELECT entity_id, count(*) AS bundles FROM bag_kept_links GROUP BY entity_id),
      rarest AS (SELECT bundle, files, arg_min(entity_id, (bundles, entity_id)) AS entity_id
        FROM bag_kept_links JOIN spread USING (entity_id) GROUP BY bundle, files)
    SELECT r.bundle AS smaller, o.bundle AS larger, r.files
    FROM rarest r JOIN bag_kept_links o ON o.entity_id = r.entity_id AND o.files > r.files`,
  `CREATE OR REPLACE TABLE bag_redundant AS
    SELECT bundle FROM bag_sets WHERE NOT newest
    UNION ALL
    SELECT smaller FROM (
      SELECT smaller, larger, any_value(c.files) AS files, count(*) AS shared
      FROM bag_candidates c
        JOIN bag_kept_links a ON a.bundle = c.smaller
        JOIN bag_kept_links b ON b.bundle = c.larger AND b.entity_id = a.entity_id
      GROUP BY smaller, larger)
    WHERE shared = files`,
  'DELETE FROM bag_bundles WHERE bundle IN (SELECT bundle FROM bag_redundant)',
  'DELETE FROM bag_links WHERE bundle IN (SELECT bundle FROM bag_redundant)',
  ...['bag_sets', 'bag_kept_links', 'bag_candidates', 'bag_redundant'].map((table) => `DROP TABLE ${table}`),
];

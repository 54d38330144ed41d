import { maxListedBundles } from './plan.ts';

/** What every document has: where it comes from, and of how many contributions. */
export const envelopeStatement = `CREATE OR REPLACE TEMP TABLE envelopes AS
  WITH named AS (SELECT l.doc, l.shared, b.* FROM links l JOIN bundles b ON b.bundle_key = l.bundle_key),
  listed AS (
    SELECT doc, string_agg(json, ',' ORDER BY place) AS bundles FROM (
      SELECT doc, to_json({uuid: bundle_uuid, version: bundle_version})::VARCHAR AS json,
        row_number() OVER (PARTITION BY doc ORDER BY bundle_uuid, bundle_version, source_id) AS place
      FROM named WHERE shared
    ) WHERE place <= ${maxListedBundles} GROUP BY doc),
  origins AS (
    SELECT doc, string_agg(to_json({id: source_id, spec: source_spec})::VARCHAR, ',' ORDER BY source_id) AS sources FROM (
      SELECT doc, source_id, min(source_spec) AS source_spec FROM named WHERE shared GROUP BY doc, source_id
    ) GROUP BY doc),
  told AS (
    SELECT doc, bundles, sources FROM listed JOIN origins USING (doc)
    UNION ALL
    SELECT doc, to_json({uuid: bundle_uuid, version: bundle_version})::VARCHAR, to_json({id: source_id, spec: source_spec})::VARCHAR
    FROM named WHERE NOT shared),
  counted AS (
    SELECT doc, sum(contributions) AS contributions, count(*) FILTER (selected) > ${maxListedBundles} AS cut
    FROM stored_links GROUP BY doc)
  SELECT c.doc, c.contributions, c.cut, t.bundles, t.sources FROM counted c JOIN told t USING (doc)`;

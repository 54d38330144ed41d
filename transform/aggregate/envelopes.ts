import { maxListedBundles, mostKnown } from '../../core/documents/cuts.ts';
import { cutJson } from './fragments.ts';
import type { Plan } from './plan.ts';

/** What every document has: where it comes from, and of how many contributions; the rest of its bundles, and how it was cut. */
export function envelopeStatement({ known }: Plan): string {
  const most = mostKnown(maxListedBundles, known);
  return `CREATE OR REPLACE TEMP TABLE envelopes AS
  WITH named AS (SELECT l.doc, l.shared, b.* FROM links l JOIN bundles b ON b.bundle_key = l.bundle_key),
  listed AS (
    SELECT doc, string_agg(json, ',' ORDER BY place) FILTER (place <= ${maxListedBundles}) AS bundles,
      string_agg(json, ',' ORDER BY place) FILTER (place > ${maxListedBundles}) AS rest FROM (
      SELECT doc, to_json({uuid: bundle_uuid, version: bundle_version})::VARCHAR AS json,
        row_number() OVER (PARTITION BY doc ORDER BY bundle_uuid, bundle_version, source_id) AS place
      FROM named WHERE shared
    ) WHERE place <= ${most} GROUP BY doc),
  origins AS (
    SELECT doc, string_agg(to_json({id: source_id, spec: source_spec})::VARCHAR, ',' ORDER BY source_id) AS sources FROM (
      SELECT doc, source_id, min(source_spec) AS source_spec FROM named WHERE shared GROUP BY doc, source_id
    ) GROUP BY doc),
  told AS (
    SELECT doc, bundles, rest, sources FROM listed JOIN origins USING (doc)
    UNION ALL
    SELECT doc, to_json({uuid: bundle_uuid, version: bundle_version})::VARCHAR, NULL, to_json({id: source_id, spec: source_spec})::VARCHAR
    FROM named WHERE NOT shared),
  counted AS (
    SELECT doc, sum(contributions) AS contributions, count(*) FILTER (selected) AS bundles
    FROM stored_links GROUP BY doc)
  SELECT c.doc, c.contributions, t.bundles, t.rest, t.sources, CASE WHEN c.bundles > ${maxListedBundles} THEN
    ${cutJson({ path: `'"bundles"'`, shown: `${maxListedBundles}`, total: `least(c.bundles, ${most + 1})`, found: `c.bundles <= ${most}` })} END AS cut
  FROM counted c JOIN told t USING (doc)`;
}

import { isOneOf, name, stored, unionAll } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { entitiesTable, membersTable, roleNames } from '../../core/staged/layout.ts';
import type { KeyRange } from '../store/schema.ts';
import type { Plan } from './plan.ts';

/**
 * From links to
 *
 * - `role_sets`: what each document has under each role, by surroundings
 * - `role_rows`: the inner rows of all surroundings, reconciled
 *
 * @param links the table of those that count
 */
export function rowsStatements(plan: Plan, links: string): readonly string[] {
  return [ranksStatement(links), roleSetsStatement(plan, links), roleRowsStatement];
}

/**
 * From `wanted` to `stored_links` and `links`: wanted entities with the stored and the selected bundles that mention them.
 *
 * @param bundles keys of all stored bundles that mention wanted entities, where that is known
 */
export function linksStatements(plugin: MetadataPlugin, bundles?: KeyRange): readonly string[] {
  const roles = roleNames(plugin)
    .map((role) => `, e.${name(role)}`)
    .join('');
  const range = bundles === undefined ? '' : `WHERE e.bundle_key BETWEEN ${bundles.low} AND ${bundles.high}`;
  return [
    `CREATE OR REPLACE TEMP TABLE stored_links AS
       SELECT w.doc, w.entity_type, e.bundle_key, b.selected, b.contributions${roles}
       FROM ${stored(entitiesTable)} e JOIN wanted w ON w.entity_id = e.entity_id AND w.entity_type = e.entity_type
         JOIN bundles b ON b.bundle_key = e.bundle_key ${range}`,
    `CREATE OR REPLACE TEMP TABLE links AS
       SELECT l.*, c.bundles > 1 AS shared FROM stored_links l
         JOIN (SELECT doc, count(*) AS bundles FROM stored_links WHERE selected GROUP BY doc) c USING (doc)
       WHERE l.selected`,
  ];
}

/** Whose copy of an inner entity wins. */
const ranksStatement = (links: string): string => `CREATE OR REPLACE TEMP TABLE ranks AS
  SELECT bundle_key, row_number() OVER (ORDER BY bundle_version DESC, bundle_uuid, source_id) AS rank
  FROM bundles WHERE bundle_key IN (SELECT bundle_key FROM ${links} WHERE shared)`;

function roleSetsStatement({ roles }: Plan, links: string): string {
  const selects = roles.map((role) => {
    const set = name(role.name);
    return `SELECT doc, ${role.number} AS role, CASE WHEN shared THEN -1 - doc ELSE bundle_key::BIGINT << 32 | ${set} END AS surroundings, bundle_key, ${set} AS "set"
      FROM ${links} WHERE ${set} > 0 AND ${isOneOf('entity_type', role.entityTypes)}`;
  });
  return `CREATE OR REPLACE TEMP TABLE role_sets AS ${unionAll(selects, '')}`;
}

const roleRowsStatement = `CREATE OR REPLACE TEMP TABLE role_rows AS
  WITH found AS (
    SELECT s.role, s.surroundings, m.bundle_key, m."row"
    FROM (SELECT DISTINCT role, surroundings, bundle_key, "set" FROM role_sets) s
      JOIN ${stored(membersTable.name)} m ON m.bundle_key = s.bundle_key AND m."set" = s."set"),
  reconciled AS (
    SELECT f.role, f.surroundings, min(r.rank << 32 | f."row") AS first
    FROM found f JOIN row_ids i ON i.bundle_key = f.bundle_key AND i."row" = f."row" JOIN ranks r ON r.bundle_key = f.bundle_key
    WHERE f.surroundings < 0
    GROUP BY f.role, f.surroundings, coalesce(i.document_id, chr(0) || f.bundle_key || ' ' || f."row"))
  SELECT role, surroundings, bundle_key, "row" FROM found WHERE surroundings >= 0
  UNION ALL
  SELECT c.role, c.surroundings, r.bundle_key, (c.first & 4294967295)::INTEGER AS "row" FROM reconciled c JOIN ranks r ON r.rank = c.first >> 32`;

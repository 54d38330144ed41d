import { entitiesTable, membersTable, roleNames } from '../../ingest/layout.ts';
import type { MetadataPlugin } from '../../plugins/metadata.ts';
import { name, stored, text, unionAll } from '../sql.ts';
import { fieldsStatement } from './fields.ts';
import { collapsedStatements, fragmentsStatement } from './fragments.ts';
import { maxListedBundles, type Plan, type PlannedComputed, type PlannedRole } from './plan.ts';
import { valuesSelect } from './values.ts';

/**
 * The statements that compute documents, from the temporary table
 *
 *     wanted (doc INTEGER, entity_type TINYINT, entity_id VARCHAR)
 *
 * to the temporary table
 *
 *     computed (doc INTEGER, entity_type TINYINT, entity_id VARCHAR, source VARCHAR, links BIGINT)
 *
 * where `source` is the JSON text of the indexed document, or null where no selected bundle mentions
 * the entity. They are plain data: nothing here runs them.
 *
 * The *surroundings* of a document under a role say which rows it shows there. A document of one
 * bundle has the bundle's set, as many others may; a document of several bundles has its own, in
 * which the copies of an inner entity are reconciled: newest bundle version first, then lowest bundle
 * uuid, then lowest source id. Each role is worked out once per surroundings.
 *
 * @param bundles keys of all stored bundles that mention wanted entities, where that is known
 */
export function documentStatements(plugin: MetadataPlugin, plan: Plan, bundles?: KeyRange): readonly string[] {
  return [
    ...linksStatements(plugin, bundles),
    ranksStatement,
    roleSetsStatement(plan),
    roleRowsStatement,
    `CREATE OR REPLACE TEMP TABLE "values" AS ${valuesSelect(plugin, plan)}`,
    ...collapsedStatements,
    fragmentsStatement(plugin, plan),
    contentsStatement,
    envelopeStatement,
    documentsStatement(plan),
  ];
}

/** The tables that `documentStatements` need and that depend on the plug-in alone. */
export function planStatements(plan: Plan): readonly string[] {
  return [fieldsStatement(plan), roleNamesStatement(plan)];
}

/** A closed range of `bundle_key`. */
export interface KeyRange {
  readonly low: number;
  readonly high: number;
}

/** Wanted entities with the stored bundles that mention them, and with the selected ones. */
function linksStatements(plugin: MetadataPlugin, bundles?: KeyRange): readonly string[] {
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
const ranksStatement = `CREATE OR REPLACE TEMP TABLE ranks AS
  SELECT bundle_key, row_number() OVER (ORDER BY bundle_version DESC, bundle_uuid, source_id) AS rank
  FROM bundles WHERE bundle_key IN (SELECT bundle_key FROM links WHERE shared)`;

function roleSetsStatement({ roles }: Plan): string {
  const selects = roles.map((role) => {
    const set = name(role.name);
    return `SELECT doc, ${role.number} AS role, CASE WHEN shared THEN -1 - doc ELSE bundle_key::BIGINT << 32 | ${set} END AS surroundings, bundle_key, ${set} AS "set"
      FROM links WHERE ${set} > 0 AND entity_type IN (${role.entityTypes.join(', ')})`;
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

/** What documents of a type show under a role of which they have nothing. */
function roleNamesStatement({ roles }: Plan): string {
  const rows = roles.flatMap((role) => role.entityTypes.map((entityType) => roleRow(role, entityType)));
  return `CREATE OR REPLACE TEMP TABLE role_names AS SELECT * FROM (VALUES ${rows.join(', ')}) t(entity_type, role, label, nothing)`;
}

function roleRow({ number, name: role, omitEmpty }: PlannedRole, entityType: number): string {
  return `(${entityType}::TINYINT, ${number}, ${text(`${JSON.stringify(role)}:`)}, ${omitEmpty ? 'NULL' : "'[]'"})`;
}

/** The member `contents` of each document, with its nulls and cuts. */
const contentsStatement = `CREATE OR REPLACE TEMP TABLE contents AS
    SELECT d.doc, string_agg(n.label || coalesce(s.json, n.nothing), ',' ORDER BY n.role) AS json,
      list_sort(list_distinct(flatten(list(coalesce(s.nulls, []))))) AS nulls, list_sort(list_distinct(flatten(list(coalesce(s.cuts, []))))) AS cuts
    FROM (SELECT DISTINCT doc, entity_type FROM links) d
      JOIN role_names n ON n.entity_type = d.entity_type
      LEFT JOIN (SELECT DISTINCT r.doc, r.role, f.json, f.nulls, f.cuts FROM (SELECT DISTINCT doc, role, surroundings FROM role_sets) r
        JOIN fragments f ON f.role = r.role AND f.surroundings = r.surroundings) s ON s.doc = d.doc AND s.role = n.role
    GROUP BY d.doc`;

/** What every document has: where it comes from, and of how many contributions. */
const envelopeStatement = `CREATE OR REPLACE TEMP TABLE envelopes AS
  WITH listed AS (
    SELECT doc, string_agg(json, ',' ORDER BY place) AS bundles FROM (
      SELECT l.doc, to_json({uuid: b.bundle_uuid, version: b.bundle_version})::VARCHAR AS json,
        row_number() OVER (PARTITION BY l.doc ORDER BY b.bundle_uuid, b.bundle_version, b.source_id) AS place
      FROM links l JOIN bundles b ON b.bundle_key = l.bundle_key
    ) WHERE place <= ${maxListedBundles} GROUP BY doc),
  origins AS (
    SELECT doc, string_agg(to_json({id: source_id, spec: source_spec})::VARCHAR, ',' ORDER BY source_id) AS sources FROM (
      SELECT l.doc, b.source_id, min(b.source_spec) AS source_spec FROM links l JOIN bundles b ON b.bundle_key = l.bundle_key GROUP BY l.doc, b.source_id
    ) GROUP BY doc),
  counted AS (SELECT doc, sum(contributions) AS contributions, count(*) AS links, count(*) FILTER (selected) > ${maxListedBundles} AS cut FROM stored_links GROUP BY doc)
  SELECT c.doc, c.contributions, c.links, c.cut, l.bundles, o.sources FROM counted c JOIN listed l USING (doc) JOIN origins o USING (doc)`;

/** The whole documents; `_hash` is 52 bits, so that sums of it stay exact where a double counts. */
function documentsStatement(plan: Plan): string {
  const inputs = plan.computed.map(
    ({ number, role }) => `LEFT JOIN (${inputSelect(plan, number, role)}) c${number} ON c${number}.doc = w.doc`,
  );
  return `CREATE OR REPLACE TEMP TABLE computed AS
    SELECT doc, entity_type, entity_id, links,
      CASE WHEN body IS NOT NULL THEN body || ',"_hash":' || (md5_number_lower(body) >> 12) || '}' END AS source
    FROM (
      SELECT w.doc, w.entity_type, w.entity_id, coalesce(e.links, 0) AS links,
        '{"entity_id":' || to_json(w.entity_id)::VARCHAR || ',"num_contributions":' || e.contributions
          || ',"sources":[' || e.sources || '],"bundles":[' || e.bundles || ']' || ${computedJson(plan)}
          || ',"contents":{' || c.json || '}'
          || CASE WHEN len(c.nulls) > 0 THEN ',"_nulls":' || to_json(c.nulls)::VARCHAR ELSE '' END
          || CASE WHEN len(c.cuts) > 0 OR e.cut THEN ',"_truncated":' || to_json(CASE WHEN e.cut THEN list_prepend('bundles', c.cuts) ELSE c.cuts END)::VARCHAR ELSE '' END AS body
      FROM wanted w LEFT JOIN contents c ON c.doc = w.doc LEFT JOIN envelopes e ON e.doc = w.doc
      ${inputs.join('\n      ')}
    )`;
}

/** The value of an input of computed fields, by document. */
function inputSelect(plan: Plan, input: number, role: string): string {
  const roles = plan.roles.filter(({ name }) => name === role).map(({ number }) => number);
  return `SELECT r.doc, any_value(s.json) AS value FROM role_sets r JOIN scalars s ON s.surroundings = r.surroundings AND s.field = ${input}
    WHERE r.role IN (${roles.join(', ')}) GROUP BY r.doc`;
}

function computedJson({ entityTypes }: Plan): string {
  const cases = entityTypes
    .filter(({ computed }) => computed.length > 0)
    .map(
      ({ number, computed }) =>
        `WHEN ${number} THEN ${computed.map((field) => `${text(`,${JSON.stringify(field.name)}:`)} || ${computedValue(field, computed)}`).join(' || ')}`,
    );
  return cases.length === 0 ? "''" : `CASE w.entity_type ${cases.join(' ')} ELSE '' END`;
}

function computedValue({ input, otherwise }: PlannedComputed, all: readonly PlannedComputed[]): string {
  const fallback = all.find((candidate) => candidate.name === otherwise);
  const rest = fallback === undefined ? "'0'" : computedValue(fallback, all);
  return input === null ? rest : `coalesce(c${input}.value, ${rest})`;
}

import { isOneOf, name, text } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { envelopeStatement } from './envelopes.ts';
import { collapsedStatements, fragmentsStatements, pathsStatement } from './fragments.ts';
import type { Plan, PlannedComputed, PlannedInput, PlannedRole } from './plan.ts';

/**
 * Statements that compute documents run in three groups, from the temporary table
 *
 *     wanted (doc INTEGER, entity_type TINYINT, entity_id VARCHAR)
 *
 * to the temporary table
 *
 *     computed (doc INTEGER, entity_type TINYINT, entity_id VARCHAR, body VARCHAR, cuts VARCHAR, rest VARCHAR, hash UBIGINT, bytes BIGINT)
 *
 * where `body`, `cuts` and `rest` are the JSON text of the indexed document but for its `_hash` (`documentText` adds it):
 * `cuts` and `rest` are `_truncated` and `_rest`, null where there is none. `body` is null where no selected bundle mentions
 * the entity; where `bytes` are more than the three have, it lacks what would have made it too large. They are plain data:
 * nothing here runs them.
 *
 * 1. `linksStatements` and `rowsStatements`. The *surroundings* of a document under a role say which rows it shows
 *    there. A document of one bundle has the bundle's set, as many others may; a document of several bundles has its own,
 *    in which the copies of an inner entity are reconciled: newest bundle version first, then lowest bundle
 *    uuid, then lowest source id. Each role is worked out once per surroundings.
 * 2. `distinctStatements`, for the roles that have rows: most have none where documents are few.
 * 3. these, from values to documents.
 *
 * @param present the plan, with the roles only that have rows
 * @param most bytes of a list of rows; null: none can have more than is allowed
 */
export function documentStatements(
  plugin: MetadataPlugin,
  plan: Plan,
  present: Plan,
  most: number | null,
): readonly string[] {
  return [
    ...collapsedStatements(plan),
    ...fragmentsStatements(plugin, present, most),
    pathsStatement,
    shownSetsStatement,
    marksStatement,
    envelopeStatement(plan),
    computedStatement(plan),
    ...intermediateTables.map((table) => `DROP TABLE ${name(table)}`),
  ];
}

/** In the place of all other statements where `links` is empty: no document is left of those that are wanted. */
export const tombstonesStatements: readonly string[] = [
  computedOf(
    'SELECT doc, entity_type, entity_id, 0::BIGINT AS left_out, NULL::VARCHAR AS body, NULL::VARCHAR AS cuts, NULL::VARCHAR AS rest FROM wanted',
  ),
  ...['stored_links', 'links'].map((table) => `DROP TABLE ${name(table)}`),
];

/** Dropped as soon as documents are computed: they are as large as the documents. */
const intermediateTables = [
  'stored_links',
  'links',
  'ranks',
  'role_sets',
  'role_rows',
  'distinct_values',
  'lists',
  'scalars',
  'cuts',
  'collapsed',
  'fragments',
  'paths',
  'shown_sets',
  'marks',
  'envelopes',
];

/** What each document shows under each role, once. */
const shownSetsStatement = `CREATE OR REPLACE TEMP TABLE shown_sets AS SELECT DISTINCT doc, role, surroundings FROM role_sets`;

/** Where a document has nulls, where a limit cut it, and what is known beyond. */
const marksStatement = `CREATE OR REPLACE TEMP TABLE marks AS
  WITH marked AS (
    SELECT f.role, f.surroundings, n.paths AS nulls, f.cuts, f.rest FROM fragments f
      LEFT JOIN paths n ON n.role = f.role AND n.bits = f.nulls
    WHERE f.nulls != 0 OR f.cuts IS NOT NULL)
  SELECT r.doc, ${['nulls', 'cuts', 'rest'].map(joinedMarks).join(', ')}
  FROM shown_sets r JOIN marked f ON f.role = r.role AND f.surroundings = r.surroundings
  GROUP BY r.doc`;

function joinedMarks(mark: string): string {
  return `array_to_string(list_sort(list(f.${mark}) FILTER (f.${mark} IS NOT NULL)), ',') AS ${mark}`;
}

/** Roles of the same name, in the shapes that entity types show. */
interface NamedRole {
  readonly name: string;
  readonly shapes: readonly PlannedRole[];
}

function namedRoles({ roles }: Plan): readonly NamedRole[] {
  return [...Map.groupBy(roles, (role) => role.name)].map(([name, shapes]) => ({ name, shapes }));
}

/** One row per document with the fragments of its roles: columns `f0`, `f1`, … in the order of role names. */
function shownSelect(plan: Plan): string {
  const columns = namedRoles(plan).map(
    ({ shapes }, i) =>
      `, any_value(f.json) FILTER (${isOneOf(
        'r.role',
        shapes.map(({ number }) => number),
      )}) AS f${i}`,
  );
  return `SELECT r.doc, sum(f.left_out) AS left_out${columns.join('')} FROM shown_sets r
        JOIN fragments f ON f.role = r.role AND f.surroundings = r.surroundings GROUP BY r.doc`;
}

/**
 * Takes the rest away from a document that would be too large because of it, and marks what was cut as not found.
 *
 * @param most bytes of a document
 */
export const leaveRestsStatement = (most: number): string => `UPDATE computed
  SET rest = NULL, cuts = ${cutsWithoutRest}, hash = hash(body, ${cutsWithoutRest}, NULL::VARCHAR) >> 12,
    bytes = bytes - strlen(rest) - strlen(cuts) + strlen(${cutsWithoutRest})
  WHERE rest IS NOT NULL AND bytes > ${most}`;

/** Quotes in paths are escaped. */
const cutsWithoutRest = `replace(cuts, '"found":true', '"found":false')`;

/** SQL for the whole text of a document in `computed`: concatenated where it leaves, to be copied once. */
export const documentText = `body, cuts, rest, ',"_hash":', hash, '}'`;

/**
 * The documents; `hash` is 52 bits, so that sums of it stay exact where a double counts. It is DuckDB's own, which is
 * the same as long as DuckDB's version is: a store of another version is made anew. MD5 took half of this statement.
 */
function computedStatement(plan: Plan): string {
  const roles = namedRoles(plan);
  const inputs = plan.computed.map(({ number, field }) => inputJoin(plan, number, field.role));
  return computedOf(`SELECT w.doc, w.entity_type, w.entity_id, coalesce(s.left_out, 0)::BIGINT AS left_out,
        CASE WHEN e.bundles IS NOT NULL THEN concat('{"entity_id":', to_json(w.entity_id)::VARCHAR, ',"num_contributions":', e.contributions,
          ',"sources":[', e.sources, '],"bundles":[', e.bundles, ']', ${computedJson(plan)},
          ',"contents":{', concat_ws(',', ${roles.map((role, i) => roleJson(plan, role, i)).join(', ')}), '}',
          ',"_nulls":[' || m.nulls || ']') END AS body,
        ',"_truncated":[' || nullif(concat_ws(',', e.cut, m.cuts), '') || ']' AS cuts,
        ',"_rest":{' || nullif(concat_ws(',', '"bundles":[' || e.rest || ']', '"contents":{' || m.rest || '}'), '') || '}' AS rest
      FROM wanted w LEFT JOIN envelopes e ON e.doc = w.doc LEFT JOIN marks m ON m.doc = w.doc LEFT JOIN (${shownSelect(plan)}) s ON s.doc = w.doc
      ${inputs.join('\n      ')}`);
}

function computedOf(bodies: string): string {
  return `CREATE OR REPLACE TEMP TABLE computed AS
    SELECT doc, entity_type, entity_id, body, cuts, rest, hash(body, cuts, rest) >> 12 AS hash,
      strlen(body) + coalesce(strlen(cuts), 0) + coalesce(strlen(rest), 0) + left_out AS bytes FROM (${bodies})`;
}

/** A member of `contents`, in documents of types that have the role. */
function roleJson({ entityTypes }: Plan, { name: role, shapes }: NamedRole, i: number): string {
  const types = shapes.flatMap((shape) => shape.entityTypes);
  const nothing = shapes.some(({ omitEmpty }) => omitEmpty) ? 'NULL' : "'[]'";
  const member = `${text(`${JSON.stringify(role)}:`)} || coalesce(s.f${i}, ${nothing})`;
  return types.length === entityTypes.length
    ? member
    : `CASE WHEN ${isOneOf('w.entity_type', types)} THEN ${member} END`;
}

/** The value of an input of computed fields, by document. */
function inputJoin({ roles }: Plan, input: number, role: string): string {
  const numbers = roles.filter(({ name }) => name === role).map(({ number }) => number);
  return `LEFT JOIN (SELECT r.doc, any_value(s.json) AS value FROM shown_sets r JOIN scalars s ON s.surroundings = r.surroundings AND s.field = ${input}
        WHERE ${isOneOf('r.role', numbers)} GROUP BY r.doc) c${input} ON c${input}.doc = w.doc`;
}

function computedJson({ entityTypes }: Plan): string {
  const cases = entityTypes
    .filter(({ computed }) => computed.length > 0)
    .map(
      ({ number, computed }) =>
        `WHEN ${number} THEN ${computed.map((field) => `${text(`,${JSON.stringify(field.name)}:`)} || coalesce(${computedValue(field, computed)}, 'null')`).join(' || ')}`,
    );
  return cases.length === 0 ? "''" : `CASE w.entity_type ${cases.join(' ')} ELSE '' END`;
}

/** SQL for the JSON text of a computed field; SQL null where it is null. */
function computedValue({ input, otherwise }: PlannedComputed, all: readonly PlannedComputed[]): string {
  const values: string[] = input === null ? [] : [`c${input.number}.value`];
  const fallback = all.find((candidate) => candidate.name === otherwise);
  if (fallback !== undefined) values.push(computedValue(fallback, all));
  else if (input !== null && !isExtreme(input)) values.push("'0'");
  return `coalesce(${values.join(', ')})`;
}

/** Whether no values give no result: sums and counts give 0. */
const isExtreme = ({ field: { aggregate } }: PlannedInput): boolean =>
  aggregate.kind === 'min' || aggregate.kind === 'max';

import type { Cut } from '../../core/documents/cuts.ts';
import { text, unionAll } from '../../core/duckdb/sql.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { bitOf } from './fields.ts';
import type { Plan, PlannedRole } from './plan.ts';
import { fieldJson, hasNull, presence, shownValue } from './render.ts';
import { own, roleRowsSelect } from './rows.ts';

/**
 * Statements that turn `role_rows` into the table `fragments`: for each role and surroundings the
 * JSON text of the list of inner entities, the bits of fields that are null, and what a limit cut.
 */
export function collapsedStatements(plan: Plan): readonly string[] {
  return [listsStatement(plan), scalarsStatement(plan), cutsStatement, collapsedStatement(plan)];
}

/** The order of a list: that of its values, or of how many there are. Columns are those of `distinct_values` and `fields`. */
export const listOrder = `CASE WHEN kind = 'frequency' THEN -total ELSE least END NULLS LAST, x NULLS LAST,
  CASE WHEN shown = 'range' THEN json_extract(v, '$.lte')::DOUBLE END NULLS LAST, k NULLS LAST`;

/**
 * Lists: the first `most` values in their order; what is known beyond, in `rest`; of those that were cut, in `total`, how
 * many values there are, and whether all are `found`. Nearly all have one value, and are spared what the others need.
 */
const listsStatement = ({ known }: Plan): string => `CREATE OR REPLACE TEMP TABLE lists AS
  WITH several AS (
    SELECT surroundings, field, grp FROM distinct_values GROUP BY surroundings, field, grp HAVING count(*) > 1),
  listed AS (
    SELECT d.*, f.kind, f.shown, f.most, f.known, f.rests, f.texts, d.k IS NOT NULL OR NOT f.skip_null AS counts, s.field IS NULL AS single,
      CASE WHEN d.k IS NULL THEN CASE WHEN f.skip_null THEN NULL ELSE 'null' END ELSE coalesce(d.v, to_json(d.k)::VARCHAR) END AS json
    FROM distinct_values d JOIN fields f ON f.field = d.field
      LEFT JOIN several s ON s.surroundings = d.surroundings AND s.field = d.field AND s.grp = d.grp
    WHERE f.many)
  SELECT surroundings, field, grp, k IS NULL AND counts AS has_null, '[' || coalesce(json, '') || ']' AS json, NULL::VARCHAR AS rest, NULL::BIGINT AS total, true AS found
  FROM listed WHERE single
  UNION ALL
  SELECT surroundings, field, grp,
    bool_or(k IS NULL AND counts AND is_found),
    '[' || coalesce(string_agg(json, ',' ORDER BY place) FILTER (json IS NOT NULL AND is_shown), '') || ']',
    string_agg(json, ',' ORDER BY place) FILTER (k IS NOT NULL AND is_found AND NOT is_shown),
    CASE WHEN bool_or(counts AND NOT is_shown) THEN count(*) FILTER (counts) END,
    bool_and(is_found OR NOT counts)
  FROM (
    SELECT *, most IS NULL OR place <= most AS is_shown,
      is_shown OR rests AND place <= known AND coalesce(bytes, 0) <= ${known.textBytes} AS is_found
    FROM (
      SELECT *, row_number() OVER list AS place, sum(CASE WHEN texts THEN strlen(k) END) OVER (list ROWS UNBOUNDED PRECEDING) AS bytes
      FROM listed WHERE NOT single WINDOW list AS (PARTITION BY surroundings, field, grp ORDER BY ${listOrder})
    ) WHERE most IS NULL OR place <= known + 1
  )
  GROUP BY surroundings, field, grp`;

/** Fields that become one value. */
function scalarsStatement(plan: Plan): string {
  return `CREATE OR REPLACE TEMP TABLE scalars AS
    SELECT d.surroundings, d.field, d.grp, any_value(f.role) AS role,
      CASE any_value(f.kind)
        WHEN 'sum' THEN ${sum(plan)}
        WHEN 'count' THEN ${wholeSum}
        WHEN 'unique_count' THEN count(*) FILTER (d.k IS NOT NULL OR NOT f.skip_null)::VARCHAR
        WHEN 'max' THEN CASE any_value(f.shown) WHEN 'int' THEN max(d.greatest)::VARCHAR WHEN 'float' THEN max(d.x)::VARCHAR ELSE to_json(max(d.k))::VARCHAR END
        WHEN 'min' THEN CASE any_value(f.shown) WHEN 'int' THEN min(d.least)::VARCHAR WHEN 'float' THEN min(d.x)::VARCHAR ELSE to_json(min(d.k))::VARCHAR END
        ELSE coalesce(min(d.v), to_json(min(d.k))::VARCHAR)
      END AS json
    FROM distinct_values d JOIN fields f ON f.field = d.field WHERE NOT f.many
    GROUP BY d.surroundings, d.field, d.grp`;
}

/** Of one number for each key, or of sums that a rollup has of them. */
const wholeSum = '(sum(CASE WHEN d.k IS NULL THEN d.total ELSE d.least END))::VARCHAR';

/** Floats are added in ascending order, so that the same ones always give the same sum. */
function sum({ roles, computed }: Plan): string {
  const fields = [...computed, ...roles.flatMap((role) => role.fields)];
  const floats = fields.some(({ field }) => field.aggregate.kind === 'sum' && field.type === 'float');
  return floats
    ? `CASE any_value(f.shown) WHEN 'float' THEN sum(d.x ORDER BY d.x)::VARCHAR ELSE ${wholeSum} END`
    : wholeSum;
}

/** The JSON text of a `Cut`. @param values SQL for its members; the path as JSON text */
export const cutJson = ({ path, shown, total, found }: Readonly<Record<keyof Cut, string>>): string =>
  `concat('{"path":', ${path}, ',"shown":', ${shown}, ',"total":', ${total}, ',"found":', ${found}, '}')`;

/** The table `cuts`: what was cut, by role and surroundings. */
const cutsStatement = `CREATE OR REPLACE TEMP TABLE cuts AS
  SELECT f.role, l.surroundings,
    string_agg(${cutJson({ path: 'f.path', shown: 'f.most', total: 'l.total', found: 'l.found' })}, ',' ORDER BY f.field) AS cuts
  FROM (SELECT surroundings, field, max(total) AS total, bool_and(found) AS found FROM lists WHERE total IS NOT NULL GROUP BY surroundings, field) l
    JOIN fields f ON f.field = l.field
  GROUP BY f.role, l.surroundings`;

/** Collapsed roles; `rest` is a member of the document's rest: a list of objects, one for each group that has any. */
function collapsedStatement({ roles }: Plan): string {
  const names = roles.map(({ number, name: role }) => `WHEN ${number} THEN ${text(`${JSON.stringify(role)}:`)}`);
  return `CREATE OR REPLACE TEMP TABLE collapsed AS
     SELECT role, surroundings, '[' || string_agg(json, ',' ORDER BY grp) || ']' AS json, bit_or(nulls) AS nulls,
       CASE role ${names.join(' ')} END || '[' || string_agg(rest, ',' ORDER BY grp) || ']' AS rest
     FROM (
       SELECT f.role, c.surroundings, c.grp, '{' || array_to_string(list_sort(list(f.label || c.json)), ',') || '}' AS json,
         bit_or(CASE WHEN c.has_null AND f.searchable THEN f.bit ELSE 0 END) AS nulls,
         '{' || array_to_string(list_sort(list(f.label || '[' || c.rest || ']') FILTER (c.rest IS NOT NULL)), ',') || '}' AS rest
       FROM (
         SELECT surroundings, field, grp, json, has_null, rest FROM lists
         UNION ALL
         SELECT surroundings, field, grp, coalesce(json, 'null'), json IS NULL, NULL FROM scalars WHERE role >= 0
       ) c JOIN fields f ON f.field = c.field
       GROUP BY f.role, c.surroundings, c.grp
     ) GROUP BY role, surroundings`;
}

/**
 * The table `fragments`: collapsed roles, and those that show their rows as they are.
 *
 * @param most bytes of such a list; of a larger one there are only the bytes, as `left_out`: to put it together may take
 *   more memory than there is. Null: none is larger
 */
export function fragmentsStatements(plugin: MetadataPlugin, plan: Plan, most: number | null): readonly string[] {
  const rows = shownSelect(plugin, plan);
  if (most === null) return [fragmentsStatement(`(${rows})`)];
  return [
    `CREATE OR REPLACE TEMP TABLE shown_rows AS ${rows}`,
    `CREATE OR REPLACE TEMP TABLE list_sizes AS SELECT role, surroundings, sum(strlen(json) + 1) + 1 AS bytes FROM shown_rows GROUP BY role, surroundings`,
    fragmentsStatement(
      `(SELECT r.* FROM shown_rows r JOIN list_sizes z ON z.role = r.role AND z.surroundings = r.surroundings WHERE z.bytes <= ${most})`,
      `UNION ALL SELECT role, surroundings, NULL, 0::BIGINT, NULL, NULL, bytes FROM list_sizes WHERE bytes > ${most}`,
    ),
    'DROP TABLE shown_rows',
    'DROP TABLE list_sizes',
  ];
}

function fragmentsStatement(rows: string, others = ''): string {
  return `CREATE OR REPLACE TEMP TABLE fragments AS
    SELECT c.role, c.surroundings, c.json, c.nulls, u.cuts, c.rest, 0 AS left_out
    FROM collapsed c LEFT JOIN cuts u ON u.role = c.role AND u.surroundings = c.surroundings
    UNION ALL
    SELECT role, surroundings, '[' || string_agg(json, ',' ORDER BY json) || ']', bit_or(nulls), NULL, NULL, 0
    FROM ${rows} GROUP BY role, surroundings
    ${others}`;
}

/** The rows that are shown as they are. */
function shownSelect(plugin: MetadataPlugin, plan: Plan): string {
  const shown = plan.roles
    .filter(({ shape }) => shape !== 'collapsed')
    .flatMap((role) => role.tables.map((table) => shownRows(plugin, role, table)));
  const nothing = "SELECT 0 AS role, 0::BIGINT AS surroundings, '' AS json, 0::BIGINT AS nulls WHERE false";
  return unionAll([nothing, ...shown], nothing);
}

/** The table `paths`: the paths that bits of a role stand for, in all combinations that occur. */
export const pathsStatement = `CREATE OR REPLACE TEMP TABLE paths AS
  SELECT o.role, o.bits, string_agg(f.path, ',' ORDER BY f.field) AS paths
  FROM (SELECT DISTINCT role, nulls AS bits FROM fragments) o
    JOIN fields f ON f.role = o.role AND (f.bit & o.bits) != 0
  GROUP BY o.role, o.bits`;

/** The rows of one table as JSON objects, absent fields left out. */
function shownRows(plugin: MetadataPlugin, role: PlannedRole, table: string): string {
  const members: string[] = [];
  const nulls: string[] = [];
  for (const planned of role.fields) {
    const { field } = planned;
    const value = shownValue(field, table);
    if (value === null) continue;
    const present = presence(plugin, field, table);
    const member = `${text(`,${JSON.stringify(field.name)}:`)}, ${fieldJson(field, value)}`;
    members.push(present === null ? member : `CASE WHEN ${present} THEN concat(${member}) END`);
    if (field.searchable)
      nulls.push(
        `CASE WHEN ${present === null ? '' : `${present} AND `}${hasNull(field, value)} THEN ${bitOf(role, planned)} ELSE 0 END`,
      );
  }
  return `SELECT ${role.number} AS role, ${own.surroundings} AS surroundings, concat('{', substr(concat(${members.join(', ')}), 2), '}') AS json,
      ${nulls.length === 0 ? '0' : `list_sum([${nulls.join(', ')}])`}::BIGINT AS nulls FROM (${roleRowsSelect(role, table)})`;
}

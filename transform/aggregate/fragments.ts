import type { MetadataPlugin } from '../../plugins/metadata.ts';
import { text, unionAll } from '../sql.ts';
import { bitOf } from './fields.ts';
import type { Plan, PlannedRole } from './plan.ts';
import { fieldJson, hasNull, presence, shownValue } from './render.ts';
import { own, roleRowsSelect } from './rows.ts';

/**
 * Statements that turn `role_rows` into the table `fragments`: for each role and surroundings the
 * JSON text of the list of inner entities, and the bits of fields that are null, or cut by a limit.
 */
export function collapsedStatements(plan: Plan): readonly string[] {
  return [listsStatement, scalarsStatement(plan), collapsedStatement];
}

/** The order of a list: that of its values, or of how many there are. Columns are those of `distinct_values` and `fields`. */
export const listOrder = `CASE WHEN kind = 'frequency' THEN -total ELSE least END NULLS LAST, x NULLS LAST,
  CASE WHEN shown = 'range' THEN json_extract(v, '$.lte')::DOUBLE END NULLS LAST, k NULLS LAST`;

/**
 * Lists: the first `most` values in their order, and one more to know that there are more. Nearly all
 * have one value, and are spared what the others need.
 */
const listsStatement = `CREATE OR REPLACE TEMP TABLE lists AS
  WITH several AS (
    SELECT surroundings, field, grp FROM distinct_values GROUP BY surroundings, field, grp HAVING count(*) > 1),
  listed AS (
    SELECT d.*, f.kind, f.shown, f.most, d.k IS NOT NULL OR NOT f.skip_null AS counts, s.field IS NULL AS single,
      CASE WHEN d.k IS NULL THEN CASE WHEN f.skip_null THEN NULL ELSE 'null' END ELSE coalesce(d.v, to_json(d.k)::VARCHAR) END AS json
    FROM distinct_values d JOIN fields f ON f.field = d.field
      LEFT JOIN several s ON s.surroundings = d.surroundings AND s.field = d.field AND s.grp = d.grp
    WHERE f.many)
  SELECT surroundings, field, grp, k IS NULL AND counts AS has_null, false AS cut, '[' || coalesce(json, '') || ']' AS json
  FROM listed WHERE single
  UNION ALL
  SELECT surroundings, field, grp,
    bool_or(k IS NULL AND counts AND (most IS NULL OR place <= most)),
    coalesce(bool_or(counts AND place > most), false),
    '[' || coalesce(string_agg(json, ',' ORDER BY place) FILTER (json IS NOT NULL AND (most IS NULL OR place <= most)), '') || ']'
  FROM (
    SELECT *, row_number() OVER (PARTITION BY surroundings, field, grp ORDER BY ${listOrder}) AS place
    FROM listed WHERE NOT single
  ) WHERE most IS NULL OR place <= most + 1
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
function sum({ roles }: Plan): string {
  const floats = roles.some(({ fields }) =>
    fields.some(({ field }) => field.aggregate.kind === 'sum' && field.type === 'float'),
  );
  return floats
    ? `CASE any_value(f.shown) WHEN 'float' THEN sum(d.x ORDER BY d.x)::VARCHAR ELSE ${wholeSum} END`
    : wholeSum;
}

const collapsedStatement = `CREATE OR REPLACE TEMP TABLE collapsed AS
     SELECT role, surroundings, '[' || string_agg(json, ',' ORDER BY grp) || ']' AS json, bit_or(nulls) AS nulls, bit_or(cuts) AS cuts
     FROM (
       SELECT f.role, c.surroundings, c.grp, '{' || array_to_string(list_sort(list(f.label || c.json)), ',') || '}' AS json,
         bit_or(CASE WHEN c.has_null AND f.searchable THEN f.bit ELSE 0 END) AS nulls, bit_or(CASE WHEN c.cut THEN f.bit ELSE 0 END) AS cuts
       FROM (
         SELECT surroundings, field, grp, json, has_null, cut FROM lists
         UNION ALL
         SELECT surroundings, field, grp, coalesce(json, 'null'), json IS NULL, false FROM scalars WHERE role >= 0
       ) c JOIN fields f ON f.field = c.field
       GROUP BY f.role, c.surroundings, c.grp
     ) GROUP BY role, surroundings`;

/**
 * The table `fragments`: collapsed roles, and those that show their rows as they are.
 *
 * @param most bytes of such a list; of a larger one only the bytes are told, as `left_out`, for to put it together may
 *   take more memory than there is. Null: none is larger
 */
export function fragmentsStatements(plugin: MetadataPlugin, plan: Plan, most: number | null): readonly string[] {
  const rows = shownSelect(plugin, plan);
  if (most === null) return [fragmentsStatement(`(${rows})`)];
  return [
    `CREATE OR REPLACE TEMP TABLE shown_rows AS ${rows}`,
    `CREATE OR REPLACE TEMP TABLE list_sizes AS SELECT role, surroundings, sum(strlen(json) + 1) + 1 AS bytes FROM shown_rows GROUP BY role, surroundings`,
    fragmentsStatement(
      `(SELECT r.* FROM shown_rows r JOIN list_sizes z ON z.role = r.role AND z.surroundings = r.surroundings WHERE z.bytes <= ${most})`,
      `UNION ALL SELECT role, surroundings, NULL, 0::BIGINT, 0::BIGINT, bytes FROM list_sizes WHERE bytes > ${most}`,
    ),
    'DROP TABLE shown_rows',
    'DROP TABLE list_sizes',
  ];
}

function fragmentsStatement(rows: string, others = ''): string {
  return `CREATE OR REPLACE TEMP TABLE fragments AS
    SELECT role, surroundings, json, nulls, cuts, 0 AS left_out FROM collapsed
    UNION ALL
    SELECT role, surroundings, '[' || string_agg(json, ',' ORDER BY json) || ']', bit_or(nulls), 0::BIGINT, 0
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
  FROM (SELECT role, nulls AS bits FROM fragments UNION SELECT role, cuts FROM fragments) o
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

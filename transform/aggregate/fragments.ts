import type { MetadataPlugin } from '../../plugins/metadata.ts';
import { text, unionAll } from '../sql.ts';
import { bitOf } from './fields.ts';
import type { Plan, PlannedRole } from './plan.ts';
import { fieldJson, hasNull, presence, shownValue } from './render.ts';
import { own, roleRowsSelect } from './rows.ts';

/**
 * Statements that turn `role_rows` into the table `fragments`: for each role and surroundings the
 * JSON text of the list of inner entities, and the bits of fields that are null or cut by a limit.
 */
export function collapsedStatements(plan: Plan): readonly string[] {
  return [distinctStatement, listsStatement, scalarsStatement(plan), collapsedStatement];
}

/** Equal values become one before anything is collected. */
const distinctStatement = `CREATE OR REPLACE TEMP TABLE distinct_values AS
  SELECT surroundings, field, grp, k, min(v) AS v, min(n) AS least, sum(n) AS total, max(n) AS most_n, min(x) AS x
  FROM "values" GROUP BY surroundings, field, grp, k`;

/** Lists: the first `most` values in their order, and one more to know that there are more. */
const listsStatement = `CREATE OR REPLACE TEMP TABLE lists AS
  SELECT surroundings, field, grp,
    bool_or(k IS NULL AND counts AND (most IS NULL OR place <= most)) AS has_null,
    coalesce(bool_or(counts AND place > most), false) AS cut,
    '[' || coalesce(string_agg(json, ',' ORDER BY place) FILTER (json IS NOT NULL AND (most IS NULL OR place <= most)), '') || ']' AS json
  FROM (
    SELECT d.surroundings, d.field, d.grp, d.k, f.most, d.k IS NOT NULL OR NOT f.skip_null AS counts,
      CASE WHEN d.k IS NULL THEN CASE WHEN f.skip_null THEN NULL ELSE 'null' END ELSE coalesce(d.v, to_json(d.k)::VARCHAR) END AS json,
      row_number() OVER (PARTITION BY d.surroundings, d.field, d.grp
        ORDER BY CASE WHEN f.kind = 'frequency' THEN -d.total ELSE d.least END NULLS LAST, d.x NULLS LAST,
          CASE WHEN f.shown = 'range' THEN json_extract(d.v, '$.lte')::DOUBLE END NULLS LAST, d.k NULLS LAST) AS place
    FROM distinct_values d JOIN fields f ON f.field = d.field WHERE f.many
  ) WHERE most IS NULL OR place <= most + 1
  GROUP BY surroundings, field, grp`;

/** Fields that become one value. */
function scalarsStatement(plan: Plan): string {
  return `CREATE OR REPLACE TEMP TABLE scalars AS
    SELECT d.surroundings, d.field, d.grp, any_value(f.role) AS role,
      CASE any_value(f.kind)
        WHEN 'sum' THEN ${sum(plan)}
        WHEN 'count' THEN count(*)::VARCHAR
        WHEN 'unique_count' THEN count(*) FILTER (d.k IS NOT NULL OR NOT f.skip_null)::VARCHAR
        WHEN 'max' THEN CASE any_value(f.shown) WHEN 'int' THEN max(d.most_n)::VARCHAR WHEN 'float' THEN max(d.x)::VARCHAR ELSE to_json(max(d.k))::VARCHAR END
        WHEN 'min' THEN CASE any_value(f.shown) WHEN 'int' THEN min(d.least)::VARCHAR WHEN 'float' THEN min(d.x)::VARCHAR ELSE to_json(min(d.k))::VARCHAR END
        ELSE coalesce(min(d.v), to_json(min(d.k))::VARCHAR)
      END AS json
    FROM distinct_values d JOIN fields f ON f.field = d.field WHERE NOT f.many
    GROUP BY d.surroundings, d.field, d.grp`;
}

/** Floats are added in ascending order, so that the same ones always give the same sum. */
function sum({ roles }: Plan): string {
  const floats = roles.some(({ fields }) =>
    fields.some(({ field }) => field.aggregate.kind === 'sum' && field.type === 'float'),
  );
  const whole = 'sum(d.least)::VARCHAR';
  return floats ? `CASE any_value(f.shown) WHEN 'float' THEN sum(d.x ORDER BY d.x)::VARCHAR ELSE ${whole} END` : whole;
}

const collapsedStatement = `CREATE OR REPLACE TEMP TABLE collapsed AS
     SELECT role, surroundings, '[' || string_agg(json, ',' ORDER BY grp) || ']' AS json, bit_or(nulls) AS nulls, bit_or(cuts) AS cuts
     FROM (
       SELECT f.role, c.surroundings, c.grp, '{' || array_to_string(list_sort(list(f.label || c.json)), ',') || '}' AS json,
         bit_or(CASE WHEN c.has_null THEN f.bit ELSE 0 END) AS nulls, bit_or(CASE WHEN c.cut THEN f.bit ELSE 0 END) AS cuts
       FROM (
         SELECT surroundings, field, grp, json, has_null, cut FROM lists
         UNION ALL
         SELECT surroundings, field, grp, coalesce(json, 'null'), json IS NULL, false FROM scalars WHERE role >= 0
       ) c JOIN fields f ON f.field = c.field
       GROUP BY f.role, c.surroundings, c.grp
     ) GROUP BY role, surroundings`;

/** The table `fragments`: collapsed roles, and those that show their rows as they are. */
export function fragmentsStatement(plugin: MetadataPlugin, plan: Plan): string {
  const shown = plan.roles
    .filter(({ shape }) => shape !== 'collapsed')
    .flatMap((role) => role.tables.map((table) => shownRows(plugin, role, table)));
  const nothing = "SELECT 0 AS role, 0::BIGINT AS surroundings, '' AS json, 0::BIGINT AS nulls WHERE false";
  return `CREATE OR REPLACE TEMP TABLE fragments AS
    SELECT role, surroundings, json, nulls, cuts FROM collapsed
    UNION ALL
    SELECT role, surroundings, '[' || string_agg(json, ',' ORDER BY json) || ']', bit_or(nulls), 0::BIGINT
    FROM (${unionAll([nothing, ...shown], nothing)}) GROUP BY role, surroundings`;
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
  const nulls: string[] = ['0::BIGINT'];
  for (const planned of role.fields) {
    const { field } = planned;
    const value = shownValue(field, table);
    if (value === null) continue;
    const present = presence(plugin, field, table) ?? 'true';
    members.push(
      `CASE WHEN ${present} THEN ${text(`${JSON.stringify(field.name)}:`)} || ${fieldJson(field, value)} END`,
    );
    if (field.searchable)
      nulls.push(`CASE WHEN ${present} AND ${hasNull(field, value)} THEN ${bitOf(role, planned)} ELSE 0 END`);
  }
  return `SELECT ${role.number} AS role, ${own.surroundings} AS surroundings, '{' || concat_ws(',', ${members.join(', ')}) || '}' AS json,
      ${nulls.join(' + ')} AS nulls FROM (${roleRowsSelect(role, table)})`;
}

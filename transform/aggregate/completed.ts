import { isOneOf, name, stored } from '../../core/duckdb/sql.ts';
import { idColumn } from '../../core/model/fields.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { optionalColumns } from '../../core/staged/layout.ts';
import type { Plan, PlannedRole } from './plan.ts';

/** The temporary table of rows that were put together of copies of one, with the columns of the table of these. */
const completedTable = (table: string): string => name(`completed ${table}`);

/** Roles whose rows are put together: others need nothing of this. */
export const completedRoles = ({ roles }: Plan): readonly PlannedRole[] => roles.filter(({ completed }) => completed);

/** SQL of the rows of a role's table: those of the store, and those that were put together. */
export const rowsOfTable = ({ completed }: PlannedRole, table: string): string =>
  completed
    ? `(SELECT * FROM ${stored(table)} UNION ALL BY NAME SELECT * EXCLUDE (${role}, ${surroundings}) FROM ${completedTable(table)})`
    : stored(table);

/** Columns that tell whose row it is; no plug-in's column is called like them. */
const role = '"(role)"';
const surroundings = '"(surroundings)"';
const rank = '"(rank)"';

/**
 * Rows of tables that are reconciled by `complete`: `role_rows` has one copy for each combination of columns that copies of
 * an inner entity lack. These statements put one row in their place, in `completedTable`: each optional column is that of the
 * first copy that has it. Its number is negative, so that it is none of the store.
 */
export function completedStatements(plugin: MetadataPlugin, plan: Plan): readonly string[] {
  const byTable = Map.groupBy(completedRoles(plan), ({ tables }) => tables[0] as string);
  return [...byTable].flatMap(([table, roles]) => [
    copiesStatement(table, roles),
    completedStatement(plugin, table),
    `DELETE FROM role_rows r USING copies c
       WHERE r.role = c.${role} AND r.surroundings = c.${surroundings} AND r.bundle_key = c.bundle_key AND r."row" = c."row"`,
    `INSERT INTO role_rows SELECT ${role}, ${surroundings}, bundle_key, "row" FROM ${completedTable(table)}`,
    'DROP TABLE copies',
  ]);
}

/** The rows of which there are several copies. Most often there are none. */
const copiesStatement = (
  table: string,
  roles: readonly PlannedRole[],
): string => `CREATE OR REPLACE TEMP TABLE copies AS
  SELECT r.role AS ${role}, r.surroundings AS ${surroundings}, r.bundle_key, r."row", t.${name(idColumn)}
  FROM role_rows r JOIN ${stored(table)} t ON t.bundle_key = r.bundle_key AND t."row" = r."row"
  WHERE r.surroundings < 0 AND t.${name(idColumn)} IS NOT NULL AND ${isOneOf(
    'r.role',
    roles.map(({ number }) => number),
  )}
  QUALIFY count(*) OVER (PARTITION BY r.role, r.surroundings, t.${name(idColumn)}) > 1`;

function completedStatement(plugin: MetadataPlugin, table: string): string {
  const optional = optionalColumns(plugin, table);
  const columns = Object.keys(plugin.tables[table]?.columns ?? {}).map((column) => {
    const bit = optional.indexOf(column);
    const present = bit < 0 ? '' : ` FILTER ((absent & ${2 ** bit}) = 0)`;
    return `arg_min_null(${name(column)}, ${rank})${present} AS ${name(column)}`;
  });
  return `CREATE OR REPLACE TEMP TABLE ${completedTable(table)} AS
  SELECT ${role}, ${surroundings}, arg_min(bundle_key, ${rank}) AS bundle_key, (-row_number() OVER ())::INTEGER AS "row",
    ${[name(idColumn), 'bit_and(absent) AS absent', ...columns].join(', ')}
  FROM (
    SELECT c.${role}, c.${surroundings}, t.*, row_number() OVER (ORDER BY b.bundle_version DESC, b.bundle_uuid, b.source_id, c."row") AS ${rank}
    FROM copies c JOIN ${stored(table)} t ON t.bundle_key = c.bundle_key AND t."row" = c."row" JOIN bundles b ON b.bundle_key = c.bundle_key)
  GROUP BY ${role}, ${surroundings}, ${name(idColumn)}`;
}

import { name } from '../../core/duckdb/sql.ts';
import { idColumn } from '../../core/model/fields.ts';
import { rowsOfTable } from './completed.ts';
import type { PlannedRole } from './plan.ts';

/** Columns that rows of a role have beside those of their table; no plug-in's column is called like them. */
export const own = {
  /** whose rows they are */
  surroundings: '"(surroundings)"',
  /** what tells inner entities apart: their id; one without id is like no other */
  innerId: '"(inner id)"',
  group: '"(group)"',
  element: '"(element)"',
} as const;

/** Reads the rows of a role that stand in one table, from `role_rows` or another table like it. */
export function roleRowsSelect(role: PlannedRole, table: string, rows = 'role_rows'): string {
  return `SELECT r.surroundings AS ${own.surroundings}, t.*,
      coalesce(t.${name(idColumn)}, chr(0) || r.bundle_key || ' ' || r."row") AS ${own.innerId}
    FROM ${rows} r JOIN ${rowsOfTable(role, table)} t ON t.bundle_key = r.bundle_key AND t."row" = r."row" WHERE r.role = ${role.number}`;
}

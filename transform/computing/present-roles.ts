import { type Plan, withRoles } from '../aggregate/plan.ts';
import type { Store } from '../store/store.ts';

/** Rows that a document shows one by one under a role, from which their list is measured before it is made. */
const crowd = 1000;

/** What there is in `role_rows`. */
export interface Present {
  /** the plan for the roles that have rows: a statement takes its time whether it finds any or not */
  readonly plan: Plan;
  /** whether a document shows so many rows that it may be larger than any may be, and than there is memory for */
  readonly crowded: boolean;
}

export async function presentRoles(store: Store, plan: Plan): Promise<Present> {
  const rows = await store.rows(
    'SELECT role, max(number) AS most FROM (SELECT role, count(*) AS number FROM role_rows GROUP BY role, surroundings) GROUP BY role',
  );
  const most = new Map(rows.map((row) => [Number(row.role), Number(row.most)]));
  const present = withRoles(plan, new Set(most.keys()));
  const crowded = present.roles.some(({ shape, number }) => shape !== 'collapsed' && (most.get(number) ?? 0) > crowd);
  return { plan: present, crowded };
}

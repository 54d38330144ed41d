import { type Plan, withRoles } from './aggregate/plan.ts';
import type { Store } from './store/store.ts';

/** The plan for the roles that have rows in `role_rows`: a statement takes its time whether it finds any or not. */
export async function presentRoles(store: Store, plan: Plan): Promise<Plan> {
  const rows = await store.rows('SELECT DISTINCT role FROM role_rows');
  return withRoles(plan, new Set(rows.map(({ role }) => Number(role))));
}

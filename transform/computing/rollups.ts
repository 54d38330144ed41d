import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { completedStatements } from '../aggregate/completed.ts';
import { type Plan, type PlannedRole, withFields } from '../aggregate/plan.ts';
import {
  againStatements,
  changedSelect,
  contestStatements,
  createRollups,
  excessSelect,
  forgetGivenWay,
  forgetStatements,
  hotStatement,
  moreKeysStatement,
  openStatements,
  type RollupLimits,
  rolesRolledStatements,
  rowsRolledStatements,
  staleSelect,
  valuesRolledStatements,
  wholeStatements,
} from '../aggregate/rollups.ts';
import { rowsStatements } from '../aggregate/surroundings.ts';
import { distinctStatements, valuesStatements } from '../aggregate/values.ts';
import type { Store } from '../store/store.ts';
import { presentRoles } from './present-roles.ts';

/** Runs the statements that keep rollups, in the transaction that computes documents. */
export class Rollups {
  readonly #store: Store;
  readonly #plugin: MetadataPlugin;
  readonly #plan: Plan;
  readonly #limits: RollupLimits;

  constructor(store: Store, plugin: MetadataPlugin, plan: Plan, limits: RollupLimits) {
    this.#store = store;
    this.#plugin = plugin;
    this.#plan = plan;
    this.#limits = limits;
  }

  /** Once per connection. */
  prepare(): Promise<void> {
    return this.#run(createRollups);
  }

  /** From `links` to `distinct_values`, `role_rows` and `role_sets`; of documents with a rollup only its new bundles are read. */
  async compute(): Promise<void> {
    await this.#store.run(hotStatement(this.#limits));
    await this.#forget(staleSelect);
    await this.#run([...openStatements, ...rowsStatements(this.#plan, 'unrolled'), ...contestStatements]);
    await this.#run(rowsRolledStatements(this.#plan.roles.filter((role) => this.#isRolled(role))));
    await this.#run([...wholeStatements(this.#plan), ...completedStatements(this.#plugin, this.#plan)]);
    const present = await presentRoles(this.#store, this.#plan);
    await this.#run(distinctStatements(this.#plugin, present.plan));
    await this.#change();
    await this.#run([moreKeysStatement, ...valuesRolledStatements]);
    await this.#forget(excessSelect(this.#limits));
    await this.#run(rolesRolledStatements(this.#plan));
  }

  /** Makes fields again that aren't what they were and what came. */
  async #change(): Promise<void> {
    const changed = await this.#store.rows(changedSelect);
    await this.#store.run(forgetGivenWay);
    if (changed.length === 0) return;
    const fields = new Set(changed.map(({ field }) => Number(field)));
    const plan = withFields(this.#plan, fields);
    await this.#run(againStatements(plan.roles, fields));
    await this.#run(valuesStatements(this.#plugin, plan, { rows: 'rolled_rows', fields }));
  }

  /** Whether a role's values are rolled up; all rows of others are shown as they are, or put together. */
  #isRolled({ name, shape, completed }: PlannedRole): boolean {
    return !completed && (shape === 'collapsed' || this.#plan.computed.some(({ field }) => field.role === name));
  }

  async #forget(rollups: string): Promise<void> {
    if ((await this.#store.rows(rollups)).length > 0) await this.#run(forgetStatements(rollups));
  }

  async #run(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.#store.run(statement);
  }
}

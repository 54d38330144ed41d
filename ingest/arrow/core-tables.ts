import type { NormalizedBundle, NormalizedEntity } from '../../plugins/normalized.ts';
import type { StagedTable } from '../layout.ts';
import { coreColumn } from './columns.ts';
import { ColumnarTable, membersOf, type NamedColumn, refuseInherited, undeclared } from './table.ts';

/** A table that the core fills, with values in the order of its columns, the bundle left out. */
export class CoreTable extends ColumnarTable {
  constructor(table: StagedTable) {
    super(table, ({ type }) => coreColumn(type));
  }

  /** @throws FieldError; the table is to be rolled back then */
  append(...values: readonly unknown[]): void {
    this.columns.forEach((column, i) => {
      this.fill(column, [values[i]]);
    });
    this.rows++;
  }
}

/** The rows of sets. */
export class MembersTable extends ColumnarTable {
  constructor(table: StagedTable) {
    super(table, ({ type }) => coreColumn(type));
  }

  /** All sets of a bundle that has so many rows. */
  append(sets: NormalizedBundle['sets'], rows: number): void {
    const numbers: number[] = [];
    const members: number[] = [];
    for (const [i, set] of sets.entries()) {
      for (const row of set) {
        if (row >= rows) throw new Error(`Set ${i + 1} has row ${row} of ${rows}`);
        numbers.push(i + 1);
        members.push(row);
      }
    }
    const [setColumn, rowColumn] = this.columns as readonly [NamedColumn, NamedColumn];
    this.fill(setColumn, numbers);
    this.fill(rowColumn, members);
    this.rows += members.length;
  }
}

/** Entities and, by role, numbers of sets. */
export class EntitiesTable extends ColumnarTable {
  readonly #roles: readonly NamedColumn[];

  constructor(table: StagedTable) {
    super(table, ({ type }) => coreColumn(type));
    this.#roles = this.columns.slice(2);
    refuseInherited(table.name, this.#roles);
  }

  /**
   * All entities of a bundle that has so many sets.
   *
   * @throws FieldError; the table is to be rolled back then
   */
  append(entities: readonly NormalizedEntity[], sets: number): void {
    const [types, ids] = this.columns as readonly [NamedColumn, NamedColumn];
    const byRole = entities.map((entity) => membersOf(entity.sets));
    const numbers: (number | null)[] = new Array(entities.length);
    let known = 0;
    for (const role of this.#roles) {
      const { name } = role.staged;
      for (let i = 0; i < byRole.length; i++) {
        const set = byRole[i]?.[name];
        if (set !== undefined) known++;
        if (set !== undefined && set > sets) throw beyond(entities[i] as NormalizedEntity, name, sets);
        numbers[i] = set === undefined || set === 0 ? null : set;
      }
      this.fill(role, numbers);
    }
    const extra = undeclared(byRole, this.#roles, known);
    if (extra !== undefined) throw new Error(`No entity type has role ${extra.name}`);
    this.fill(
      types,
      entities.map(({ type }) => type),
    );
    this.fill(
      ids,
      entities.map(({ id }) => id),
    );
    this.rows += entities.length;
  }
}

function beyond({ type, id, sets }: NormalizedEntity, role: string, count: number): Error {
  return new Error(`Role ${role} of ${type}/${id} has set ${sets[role]} of ${count}`);
}

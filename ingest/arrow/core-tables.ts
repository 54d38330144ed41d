import type { NormalizedBundle, NormalizedEntity } from '../../plugins/normalized.ts';
import type { StagedTable } from '../layout.ts';
import { coreColumn } from './columns.ts';
import { byColumn, ColumnarTable, type NamedColumn, placesOf } from './table.ts';

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
  readonly #places: ReadonlyMap<string, number>;

  constructor(table: StagedTable) {
    super(table, ({ type }) => coreColumn(type));
    this.#roles = this.columns.slice(2);
    this.#places = placesOf(this.#roles);
  }

  /**
   * All entities of a bundle that has so many sets.
   *
   * @throws FieldError; the table is to be rolled back then
   */
  append(entities: readonly NormalizedEntity[], sets: number): void {
    const [types, ids] = this.columns as readonly [NamedColumn, NamedColumn];
    const byRole = byColumn(entities.map(setsOf), this.#places, unknownRole);
    for (const [place, role] of this.#roles.entries()) {
      const numbers = byRole[place] as (number | undefined)[];
      for (const [i, set] of numbers.entries()) {
        if (set !== undefined && set > sets) throw beyond(entities[i] as NormalizedEntity, role.staged.name, sets);
      }
      this.fill(role, numbers.map(numberOrNull));
    }
    this.fill(types, entities.map(typeOf));
    this.fill(ids, entities.map(idOf));
    this.rows += entities.length;
  }
}

// Not written where they are needed: V8 compiles functions that are made for every bundle again and again.
const setsOf = ({ sets }: NormalizedEntity) => sets;
const typeOf = ({ type }: NormalizedEntity) => type;
const idOf = ({ id }: NormalizedEntity) => id;
/** Empty sets have no number. */
const numberOrNull = (set: number | undefined) => set || null;
const unknownRole = (name: string) => new Error(`No entity type has role ${name}`);

function beyond({ type, id, sets }: NormalizedEntity, role: string, count: number): Error {
  return new Error(`Role ${role} of ${type}/${id} has set ${sets[role]} of ${count}`);
}

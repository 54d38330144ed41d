import type { NormalizedBundle, NormalizedEntity } from '../../model/normalized.ts';
import type { StagedTable } from '../layout.ts';
import { coreColumn } from './columns.ts';
import { ColumnarTable, type NamedColumn, Places } from './table.ts';

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

  /** All sets of a bundle. */
  append(sets: NormalizedBundle['sets']): void {
    const [{ column: numbers }, { column: members }] = this.columns as readonly [NamedColumn, NamedColumn];
    for (const [i, set] of sets.entries()) {
      for (const row of set) {
        numbers.append(i + 1);
        members.append(row);
      }
      this.rows += set.length;
    }
  }
}

/** Entities and, by role, numbers of sets. */
export class EntitiesTable extends ColumnarTable {
  readonly #roles: readonly NamedColumn[];
  readonly #places: Places;
  /** of the sets of a bundle's entities, role by role; 0 where there is none */
  #numbers = new Int32Array(0);

  constructor(table: StagedTable) {
    super(table, ({ type }) => coreColumn(type));
    this.#roles = this.columns.slice(2);
    this.#places = new Places(this.#roles);
  }

  /**
   * All entities of a bundle; their sets and roles have been checked.
   *
   * @throws FieldError; the table is to be rolled back then
   */
  append(entities: readonly NormalizedEntity[]): void {
    const [types, ids] = this.columns as readonly [NamedColumn, NamedColumn];
    const count = entities.length;
    this.#collect(entities);
    for (const [place, { column }] of this.#roles.entries()) {
      for (let i = place * count; i < (place + 1) * count; i++) column.append(this.#numbers[i] || null);
    }
    this.fill(types, entities.map(typeOf));
    this.fill(ids, entities.map(idOf));
    this.rows += count;
  }

  #collect(entities: readonly NormalizedEntity[]): void {
    const count = entities.length;
    const size = this.#places.size * count;
    if (this.#numbers.length < size) this.#numbers = new Int32Array(size);
    else this.#numbers.fill(0, 0, size);
    for (let index = 0; index < count; index++) {
      const entity = entities[index] as NormalizedEntity;
      const names = Object.keys(entity.sets);
      const places = this.#places.of(names);
      const numbers = Object.values(entity.sets);
      for (let i = 0; i < numbers.length; i++) {
        const place = places[i];
        if (place !== undefined) this.#numbers[place * count + index] = numbers[i] as number;
      }
    }
  }
}

// Not written where they are needed: V8 compiles functions that are made for every bundle again and again.
const typeOf = ({ type }: NormalizedEntity) => type;
const idOf = ({ id }: NormalizedEntity) => id;

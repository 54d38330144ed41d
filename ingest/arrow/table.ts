import { Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import type { Table as DeclaredTable } from '../../plugins/metadata.ts';
import type { NormalizedRow } from '../../plugins/normalized.ts';
import type { StagedColumn, StagedTable } from '../layout.ts';
import { Int64Builder } from './builders.ts';
import { type CheckedColumn, coreColumn, declaredColumn } from './columns.ts';
import { ValueError } from './values.ts';

/** A value that its column refuses. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly field: string;

  constructor(field: string, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.field = field;
  }
}

/** Rows of one staged table, column by column. */
export interface TableBuilder {
  readonly name: string;
  readonly rows: number;
  /** Says which bundle all rows are of that are there and not sealed yet. */
  seal(bundle: bigint): void;
  truncate(rows: number): void;
  /** Of sealed rows. */
  recordBatch(): RecordBatch;
}

interface NamedColumn {
  readonly staged: StagedColumn;
  readonly column: CheckedColumn;
}

/** What all tables have in common: the first column, `bundle`, is filled for all rows of a bundle at a time. */
abstract class ColumnarTable implements TableBuilder {
  readonly name: string;
  rows = 0;
  /** all but the first */
  protected readonly columns: readonly NamedColumn[];
  readonly #bundles: NamedColumn & { readonly column: Int64Builder };

  constructor({ name, columns: [first, ...others] }: StagedTable, columnOf: (staged: StagedColumn) => CheckedColumn) {
    if (first?.name !== 'bundle') throw new Error(`Table ${name} does not begin with the bundle`);
    this.name = name;
    this.columns = others.map((staged) => ({ staged, column: columnOf(staged) }));
    this.#bundles = { staged: first, column: new Int64Builder() };
  }

  seal(bundle: bigint): void {
    this.#bundles.column.extend(bundle, this.rows);
  }

  truncate(rows: number): void {
    this.rows = rows;
    for (const { column } of [this.#bundles, ...this.columns]) column.truncate(rows);
  }

  recordBatch(): RecordBatch {
    const columns = [this.#bundles, ...this.columns];
    const fields = columns.map(({ staged, column }) => new Field(staged.name, column.type, staged.nullable));
    const children = columns.map(({ column }) => column.data());
    const data = makeData({ type: new Struct(fields), length: this.rows, nullCount: 0, children });
    return new RecordBatch(new Schema(fields), data);
  }
}

/** A table that the core fills, with values in the order of its columns, the bundle left out. */
export class CoreTable extends ColumnarTable {
  constructor(table: StagedTable) {
    super(table, ({ type }) => coreColumn(type));
  }

  /** @throws FieldError; the table is to be truncated then */
  append(...values: readonly unknown[]): void {
    for (let i = 0; i < this.columns.length; i++) {
      const { staged, column } = this.columns[i] as NamedColumn;
      appendTo(column, staged.name, values[i]);
    }
    this.rows++;
  }
}

/** The rows of sets. */
export class MembersTable extends ColumnarTable {
  constructor(table: StagedTable) {
    super(table, ({ type }) => coreColumn(type));
  }

  append(set: number, rows: readonly number[]): void {
    const [sets, members] = this.columns as readonly [NamedColumn, NamedColumn];
    for (const row of rows) {
      sets.column.append(set);
      members.column.append(row);
    }
    this.rows += rows.length;
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

  /** @throws FieldError; the table is to be truncated then */
  append(type: string, id: string, sets: Readonly<Record<string, number>>): void {
    const [types, ids] = this.columns as readonly [NamedColumn, NamedColumn];
    appendTo(types.column, types.staged.name, type);
    appendTo(ids.column, ids.staged.name, id);
    const own = withoutPrototype(sets);
    let known = 0;
    for (const { staged, column } of this.#roles) {
      const set = own[staged.name];
      if (set !== undefined) known++;
      column.append(set === undefined || set === 0 ? null : set);
    }
    if (Object.keys(sets).length > known) this.#refuseUndeclared(sets);
    this.rows++;
  }

  #refuseUndeclared(sets: Readonly<Record<string, number>>): void {
    const extra = undeclared(sets, this.#roles);
    if (extra !== undefined) throw new Error(`No entity type has role ${extra}`);
  }
}

/** The columns that come before a plug-in's own, the bundle left out: row, document_id, absent. */
const ownColumnsFrom = 3;
/** `absent` is an int32. */
const maxOptional = 32;

/** A table that a plug-in declares. */
export class InnerTable extends ColumnarTable {
  readonly #own: readonly NamedColumn[];
  readonly #bits: ReadonlyMap<string, number>;

  constructor(table: StagedTable, declared: DeclaredTable, optional: readonly string[]) {
    if (optional.length > maxOptional) {
      throw new Error(`Table ${table.name} has ${optional.length} optional columns; ${maxOptional} is the limit`);
    }
    const own = new Set(table.columns.slice(ownColumnsFrom + 1));
    super(table, (staged) => {
      const column = own.has(staged) ? declared.columns[staged.name] : undefined;
      return column === undefined ? coreColumn(staged.type) : declaredColumn(column.type, column.list === true);
    });
    this.#own = this.columns.slice(ownColumnsFrom);
    refuseInherited(table.name, this.#own);
    this.#bits = new Map(optional.map((name, bit) => [name, 1 << bit]));
  }

  /** @throws FieldError; the table is to be truncated then */
  append(number: number, { id, values }: NormalizedRow): void {
    const own = withoutPrototype(values);
    let known = 0;
    let absent = 0;
    for (const { staged, column } of this.#own) {
      const value = own[staged.name];
      if (value !== undefined) {
        appendTo(column, staged.name, value);
        known++;
      } else {
        absent |= this.#bitOf(staged.name);
        column.append(null);
      }
    }
    if (Object.keys(values).length > known) this.#refuseUndeclared(values);
    this.#appendCore(number, id, absent);
    this.rows++;
  }

  #appendCore(number: number, id: string | null, absent: number): void {
    const [rows, ids, absents] = this.columns as readonly [NamedColumn, NamedColumn, NamedColumn];
    rows.column.append(number);
    appendTo(ids.column, ids.staged.name, id);
    absents.column.append(absent);
  }

  #bitOf(name: string): number {
    const bit = this.#bits.get(name);
    if (bit === undefined) throw new FieldError(name, 'is missing, and its column is not optional');
    return bit;
  }

  /** Members that are there but undefined are no columns either, where they aren't declared. */
  #refuseUndeclared(values: Readonly<Record<string, unknown>>): void {
    const extra = undeclared(values, this.#own);
    if (extra !== undefined) throw new FieldError(extra, `is no column of table ${this.name}`);
  }
}

/** So that `withoutPrototype` needs to do nothing for plain objects. */
function refuseInherited(table: string, columns: readonly NamedColumn[]): void {
  const inherited = columns.find(({ staged }) => staged.name in Object.prototype);
  if (inherited !== undefined) throw new Error(`Table ${table} can't have a column '${inherited.staged.name}'`);
}

function undeclared(values: object, columns: readonly NamedColumn[]): string | undefined {
  const declared = new Set(columns.map(({ staged }) => staged.name));
  return Object.keys(values).find((name) => !declared.has(name));
}

/** So that no look-up finds what an object inherits: plain objects inherit nothing that a column is called. */
function withoutPrototype<T>(values: Readonly<Record<string, T>>): Readonly<Record<string, T | undefined>> {
  const prototype: unknown = Object.getPrototypeOf(values);
  return prototype === Object.prototype || prototype === null ? values : Object.assign(Object.create(null), values);
}

function appendTo(column: CheckedColumn, name: string, value: unknown): void {
  try {
    column.append(value);
  } catch (cause) {
    if (cause instanceof ValueError) throw new FieldError(name, cause.message, cause);
    throw cause;
  }
}

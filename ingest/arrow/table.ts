import { type Data, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import type { Table as DeclaredTable } from '../../plugins/metadata.ts';
import type { NormalizedRow } from '../../plugins/normalized.ts';
import type { StagedColumn, StagedTable } from '../layout.ts';
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
  truncate(rows: number): void;
  recordBatch(): RecordBatch;
}

interface NamedColumn {
  readonly staged: StagedColumn;
  readonly column: CheckedColumn;
}

class ColumnarTable implements TableBuilder {
  readonly name: string;
  rows = 0;
  protected readonly columns: readonly NamedColumn[];

  constructor(name: string, columns: readonly NamedColumn[]) {
    this.name = name;
    this.columns = columns;
  }

  truncate(rows: number): void {
    this.rows = rows;
    for (const { column } of this.columns) column.truncate(rows);
  }

  recordBatch(): RecordBatch {
    const fields = this.columns.map(({ staged, column }) => new Field(staged.name, column.type, staged.nullable));
    const children: Data[] = this.columns.map(({ column }) => column.data());
    const data = makeData({ type: new Struct(fields), length: this.rows, nullCount: 0, children });
    return new RecordBatch(new Schema(fields), data);
  }
}

/** A table that the core fills, with values in the order of its columns. */
export class CoreTable extends ColumnarTable {
  constructor(table: StagedTable) {
    super(
      table.name,
      table.columns.map((staged) => ({ staged, column: coreColumn(staged.type) })),
    );
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

/** The four columns that come before a plug-in's own: bundle, row, document_id, absent. */
const ownColumnsFrom = 4;
/** `absent` is an int32. */
const maxOptional = 32;

/** A table that a plug-in declares. */
export class InnerTable extends ColumnarTable {
  readonly #bits: ReadonlyMap<string, number>;

  constructor(table: StagedTable, declared: DeclaredTable, optional: readonly string[]) {
    if (optional.length > maxOptional) {
      throw new Error(`Table ${table.name} has ${optional.length} optional columns; ${maxOptional} is the limit`);
    }
    const inherited = Object.keys(declared.columns).find((name) => name in Object.prototype);
    if (inherited !== undefined) throw new Error(`Table ${table.name} can't have a column '${inherited}'`);
    super(
      table.name,
      table.columns.map((staged, i) => ({ staged, column: columnOf(staged, i, declared) })),
    );
    this.#bits = new Map(optional.map((name, bit) => [name, 1 << bit]));
  }

  /** @throws FieldError; the table is to be truncated then */
  append(bundle: bigint, number: number, { id, values }: NormalizedRow): void {
    const own = withoutPrototype(values);
    let known = 0;
    let absent = 0;
    for (let i = ownColumnsFrom; i < this.columns.length; i++) {
      const { staged, column } = this.columns[i] as NamedColumn;
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
    this.#appendCore([bundle, number, id, absent]);
    this.rows++;
  }

  #appendCore(values: readonly unknown[]): void {
    for (let i = 0; i < ownColumnsFrom; i++) {
      const { staged, column } = this.columns[i] as NamedColumn;
      appendTo(column, staged.name, values[i]);
    }
  }

  #bitOf(name: string): number {
    const bit = this.#bits.get(name);
    if (bit === undefined) throw new FieldError(name, 'is missing, and its column is not optional');
    return bit;
  }

  /** Members that are there but undefined are no columns either, where they aren't declared. */
  #refuseUndeclared(values: Readonly<Record<string, unknown>>): void {
    const declared = new Set(this.columns.slice(ownColumnsFrom).map(({ staged }) => staged.name));
    const extra = Object.keys(values).find((name) => !declared.has(name));
    if (extra !== undefined) throw new FieldError(extra, `is no column of table ${this.name}`);
  }
}

/** So that no look-up finds what an object inherits: plain objects inherit nothing that a column is called. */
function withoutPrototype(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(values);
  return prototype === Object.prototype || prototype === null ? values : { __proto__: null, ...values };
}

function columnOf(staged: StagedColumn, index: number, declared: DeclaredTable): CheckedColumn {
  const own = index >= ownColumnsFrom ? declared.columns[staged.name] : undefined;
  return own === undefined ? coreColumn(staged.type) : declaredColumn(own.type, own.list === true);
}

function appendTo(column: CheckedColumn, name: string, value: unknown): void {
  try {
    column.append(value);
  } catch (cause) {
    if (cause instanceof ValueError) throw new FieldError(name, cause.message, cause);
    throw cause;
  }
}

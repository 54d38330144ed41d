import { Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import type { StagedColumn, StagedTable } from '../layout.ts';
import { Int64Builder } from './builders.ts';
import type { CheckedColumn } from './columns.ts';
import { ValueError } from './value-error.ts';

/** A value that its column refuses. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly field: string;
  /** of the row, among those that were appended together */
  readonly index: number;

  constructor(field: string, reason: string, { index, cause }: { index: number; cause?: unknown }) {
    super(reason, { cause });
    this.field = field;
    this.index = index;
  }
}

/** Rows of one staged table, column by column. */
export interface TableBuilder {
  readonly name: string;
  readonly rows: number;
  /** Says which bundle all rows are of that are there and not sealed yet. */
  seal(bundle: bigint): void;
  /** Forgets rows that aren't sealed, whole or in part. */
  rollBack(): void;
  /** Forgets all rows. */
  clear(): void;
  /** of record batches */
  readonly schema: Schema;
  /** Of sealed rows. */
  recordBatch(): RecordBatch;
}

/** A column of a table. */
export interface NamedColumn {
  readonly staged: StagedColumn;
  readonly column: CheckedColumn;
}

/** What all tables have in common: the first column, `bundle`, is filled for all rows of a bundle at a time. */
export abstract class ColumnarTable implements TableBuilder {
  readonly name: string;
  rows = 0;
  /** all but the first */
  protected readonly columns: readonly NamedColumn[];
  readonly #bundles: NamedColumn & { readonly column: Int64Builder };
  readonly #type: Struct;
  readonly schema: Schema;

  constructor({ name, columns: [first, ...others] }: StagedTable, columnOf: (staged: StagedColumn) => CheckedColumn) {
    if (first?.name !== 'bundle') throw new Error(`Table ${name} does not begin with the bundle`);
    this.name = name;
    this.columns = others.map((staged) => ({ staged, column: columnOf(staged) }));
    this.#bundles = { staged: first, column: new Int64Builder() };
    const fields = [this.#bundles, ...this.columns].map(
      ({ staged, column }) => new Field(staged.name, column.type, staged.nullable),
    );
    this.#type = new Struct(fields);
    this.schema = new Schema(fields);
  }

  seal(bundle: bigint): void {
    this.#bundles.column.extend(bundle, this.rows);
  }

  rollBack(): void {
    this.#truncate(this.#bundles.column.length);
  }

  clear(): void {
    this.#truncate(0);
  }

  recordBatch(): RecordBatch {
    const children = [this.#bundles, ...this.columns].map(({ column }) => column.data());
    const data = makeData({ type: this.#type, length: this.rows, nullCount: 0, children });
    return new RecordBatch(this.schema, data);
  }

  #truncate(rows: number): void {
    this.rows = rows;
    for (const { column } of [this.#bundles, ...this.columns]) column.truncate(rows);
  }

  /** @throws FieldError; the table is to be rolled back then */
  protected fill({ staged, column }: NamedColumn, values: readonly unknown[]): void {
    try {
      column.appendAll(values);
    } catch (cause) {
      if (!(cause instanceof ValueError)) throw cause;
      throw new FieldError(staged.name, cause.message, { index: column.length - this.rows, cause });
    }
  }
}

/**
 * Where columns stand, by the names of the members of a row. What was asked for last is remembered: rows that follow
 * each other mostly have members of the same names in the same order, so that no name needs looking up.
 */
export class Places {
  readonly size: number;
  readonly #byName: ReadonlyMap<string, number>;
  #names: readonly string[] = [];
  #places: readonly (number | undefined)[] = [];

  constructor(columns: readonly NamedColumn[]) {
    this.size = columns.length;
    this.#byName = new Map(columns.map(({ staged }, place) => [staged.name, place]));
  }

  /** Of each name; undefined where no column has it. */
  of(names: readonly string[]): readonly (number | undefined)[] {
    if (!isSame(names, this.#names)) {
      this.#places = names.map((name) => this.#byName.get(name));
      this.#names = names;
    }
    return this.#places;
  }
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  if (names.length !== others.length) return false;
  for (let i = 0; i < names.length; i++) if (names[i] !== others[i]) return false;
  return true;
}

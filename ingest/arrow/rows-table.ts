import type { Table as DeclaredTable } from '../../plugins/metadata.ts';
import type { NormalizedRow } from '../../plugins/normalized.ts';
import type { StagedTable } from '../layout.ts';
import { coreColumn, declaredColumn } from './columns.ts';
import {
  ColumnarTable,
  FieldError,
  type Members,
  membersOf,
  type NamedColumn,
  refuseInherited,
  undeclared,
} from './table.ts';

/** The columns that come before those whose values rows have, the bundle left out: row, document_id… */
const documentsCore = 2;
/** …and absent. */
const innerCore = 3;
/** `absent` is an int32. */
const maxOptional = 32;

/** The rows that a bundle has in a table that a plug-in fills, all at a time, column by column. */
export class RowsTable extends ColumnarTable {
  readonly #core: readonly NamedColumn[];
  readonly #own: readonly NamedColumn[];
  readonly #bits: ReadonlyMap<string, number>;

  /**
   * @param declared undefined for verbatim documents, whose columns are the core's
   * @param optional columns in the order of their bits in `absent`
   */
  constructor(table: StagedTable, declared?: DeclaredTable, optional: readonly string[] = []) {
    if (optional.length > maxOptional) {
      throw new Error(`Table ${table.name} has ${optional.length} optional columns; ${maxOptional} is the limit`);
    }
    const core = declared === undefined ? documentsCore : innerCore;
    const own = new Set(table.columns.slice(1 + core));
    super(table, (staged) => {
      const column = own.has(staged) ? declared?.columns[staged.name] : undefined;
      return column === undefined ? coreColumn(staged.type) : declaredColumn(column.type, column.list === true);
    });
    this.#core = this.columns.slice(0, core);
    this.#own = this.columns.slice(core);
    refuseInherited(table.name, this.#own);
    this.#bits = new Map(optional.map((name, bit) => [name, 1 << bit]));
  }

  /**
   * @param numbers of the rows that are this table's, among all of the bundle
   * @throws FieldError; the table is to be rolled back then
   */
  append(numbers: readonly number[], rows: readonly NormalizedRow[]): void {
    const own = numbers.map((number) => membersOf((rows[number] as NormalizedRow).values));
    const absent: number[] = new Array(own.length).fill(0);
    let known = 0;
    for (const column of this.#own) known += this.#appendOwn(column, own, absent);
    const extra = undeclared(own, this.#own, known);
    if (extra !== undefined) {
      throw new FieldError(extra.name, `is no column of table ${this.name}`, { index: extra.index });
    }
    const ids = numbers.map((number) => (rows[number] as NormalizedRow).id);
    this.#core.forEach((column, i) => {
      this.fill(column, [numbers, ids, absent][i] as readonly unknown[]);
    });
    this.rows += numbers.length;
  }

  /** @returns how many rows have a value, were it null */
  #appendOwn(column: NamedColumn, own: readonly Members<unknown>[], absent: number[]): number {
    const { name } = column.staged;
    const values: unknown[] = new Array(own.length);
    let known = 0;
    for (let i = 0; i < own.length; i++) {
      const value = own[i]?.[name];
      if (value !== undefined) known++;
      else absent[i] = (absent[i] as number) | this.#bitOf(name, i);
      values[i] = value ?? null;
    }
    this.fill(column, values);
    return known;
  }

  #bitOf(name: string, index: number): number {
    const bit = this.#bits.get(name);
    if (bit === undefined) throw new FieldError(name, 'is missing, and its column is not optional', { index });
    return bit;
  }
}

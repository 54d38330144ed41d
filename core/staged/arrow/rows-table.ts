import type { Table as DeclaredTable } from '../../model/metadata.ts';
import type { NormalizedRow } from '../../model/normalized.ts';
import type { StagedTable } from '../layout.ts';
import { coreColumn, declaredColumn } from './columns.ts';
import { ColumnarTable, FieldError, type NamedColumn, Places } from './table.ts';

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
  readonly #places: Places;
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
      return column === undefined ? coreColumn(staged.type) : declaredColumn(column);
    });
    this.#core = this.columns.slice(0, core);
    this.#own = this.columns.slice(core);
    this.#places = new Places(this.#own);
    this.#bits = new Map(optional.map((name, bit) => [name, 1 << bit]));
  }

  /**
   * @param numbers of the rows that are this table's, among all of the bundle
   * @throws FieldError; the table is to be rolled back then
   */
  append(numbers: readonly number[], rows: readonly NormalizedRow[]): void {
    const ids: (string | null)[] = [];
    for (const number of numbers) ids.push((rows[number] as NormalizedRow).id);
    const own = this.#byColumn(numbers, rows);
    const absent: number[] = new Array(numbers.length).fill(0);
    for (const [place, column] of this.#own.entries()) this.#appendOwn(column, own[place] as unknown[], absent);
    const core = [numbers, ids, absent];
    for (const [place, column] of this.#core.entries()) this.fill(column, core[place] as unknown[]);
    this.rows += numbers.length;
  }

  /** Values by column; undefined where a row has none. */
  #byColumn(numbers: readonly number[], rows: readonly NormalizedRow[]): readonly unknown[][] {
    const columns: unknown[][] = [];
    while (columns.length < this.#places.size) columns.push(new Array(numbers.length));
    for (let index = 0; index < numbers.length; index++) {
      const { values } = rows[numbers[index] as number] as NormalizedRow;
      const names = Object.keys(values);
      const places = this.#places.of(names);
      const list = Object.values(values);
      for (let i = 0; i < list.length; i++) {
        const place = places[i];
        if (place === undefined) throw this.#unknown(names[i] as string, index);
        (columns[place] as unknown[])[index] = list[i];
      }
    }
    return columns;
  }

  #unknown(name: string, index: number): FieldError {
    return new FieldError(name, `is no column of table ${this.name}`, { index });
  }

  #appendOwn(column: NamedColumn, values: unknown[], absent: number[]): void {
    for (let i = 0; i < values.length; i++) {
      if (values[i] !== undefined) continue;
      absent[i] = (absent[i] as number) | this.#bitOf(column.staged.name, i);
      values[i] = null;
    }
    this.fill(column, values);
  }

  #bitOf(name: string, index: number): number {
    const bit = this.#bits.get(name);
    if (bit === undefined) throw new FieldError(name, 'is missing, and its column is not optional', { index });
    return bit;
  }
}

import { halfPair } from '../../../../core/config/text.ts';
import { type Json, numberOf } from '../../../../core/model/json.ts';
import type { VerbatimColumn } from '../../../../core/model/manifests.ts';
import { invalid, show } from '../invalid.ts';
import { columnsOf, primaryKeyOf, rowIdColumn, type TableName } from '../schema.ts';

export type JsonObject = { readonly [member: string]: Json };
export type Scalar = string | number | boolean | null;
export type Value = Scalar | readonly (string | null)[];

/** Whether a value is a JSON object: no list, no null, no number kept as text. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && numberOf(value) === undefined;

/** A row of a snapshot's table, as a bundle has it, with its values checked against the columns of the table. */
export class Row {
  readonly table: TableName;
  readonly id: string;
  readonly contents: JsonObject;
  readonly #values = new Map<string, Value>();

  /** @throws LazuliError `bundle_invalid` */
  constructor(table: TableName, id: string, contents: JsonObject) {
    this.table = table;
    this.id = id;
    this.contents = contents;
    for (const [name, column] of columnsOf.get(table) ?? []) {
      const value = contents[name];
      if (value !== undefined) this.#values.set(name, this.#checked(name, column, value));
    }
    const known = this.#values.get(rowIdColumn);
    if (known !== undefined && known !== id)
      throw this.#error(rowIdColumn, `is ${show(known)}, and not that of the key`);
  }

  /** As errors and links name it. */
  get key(): string {
    return `${this.table}/${this.id}`;
  }

  /** Whether the row has a column, were it null. */
  has(column: string): boolean {
    return this.#values.has(column);
  }

  /** Of a column that all rows of the table have. @throws LazuliError `bundle_invalid` where this one hasn't */
  value(column: string): Value {
    const value = this.#values.get(column);
    if (value === undefined) throw this.#error(column, 'is missing');
    return value;
  }

  /** Of a column that rows needn't have. @param otherwise where this one hasn't */
  optional(column: string, otherwise: Value): Value {
    return this.has(column) ? this.value(column) : otherwise;
  }

  /** The same, and not null. */
  filled(column: string): Value {
    const value = this.value(column);
    if (value === null) throw this.#error(column, 'is null', 'Give it a value.');
    return value;
  }

  get primaryKey(): Value {
    return this.value(primaryKeyOf(this.table));
  }

  /** How many there are of something; null where nobody knows. @throws LazuliError `bundle_invalid` where it is negative */
  count(column: string): Value {
    const value = this.value(column);
    if (typeof value === 'number' && value < 0) throw this.#error(column, `is negative: ${value}`);
    return value;
  }

  /**
   * A range whose ends are in two columns; null where neither is known.
   *
   * @throws LazuliError `bundle_invalid` where the lower end is above the upper one
   */
  range(column: string): readonly [number | null, number | null] | null {
    const [low, high] = [`${column}_lower_bound`, `${column}_upper_bound`].map((end) => this.value(end)) as [
      number | null,
      number | null,
    ];
    if (low === null && high === null) return null;
    if (low !== null && high !== null && low > high)
      throw this.#error(`${column}_lower_bound`, `is ${low}, above the upper bound of ${high}`);
    return [low, high];
  }

  #checked(name: string, { type, list, nullable }: VerbatimColumn, value: Json): Value {
    if (list === true) {
      if (value === null) return [];
      if (!Array.isArray(value)) throw this.#error(name, `is no list: ${show(value)}`);
      return value.map((one: Json, i) => (one === null ? null : (this.#scalar(`${name}.${i}`, type, one) as string)));
    }
    if (value !== null) return this.#scalar(name, type, value);
    if (nullable !== true) throw this.#error(name, 'is null', 'Give it a value.');
    return null;
  }

  #scalar(name: string, type: VerbatimColumn['type'], value: Json): Scalar {
    if (type === 'string') return this.#text(name, value);
    if (type === 'boolean') {
      if (typeof value === 'boolean') return value;
      throw this.#error(name, `is neither true nor false: ${show(value)}`);
    }
    const number = numberOf(value);
    if (number === undefined || !Number.isFinite(number)) throw this.#error(name, `is no number: ${show(value)}`);
    if (type === 'long' && !Number.isSafeInteger(number)) throw this.#error(name, `is no whole number: ${show(value)}`);
    return number;
  }

  #text(name: string, value: Json): string {
    if (typeof value !== 'string') throw this.#error(name, `is no string: ${show(value)}`);
    if (!value.isWellFormed()) throw this.#error(name, halfPair);
    return value;
  }

  #error(field: string, problem: string, remedy = 'Correct the row in the snapshot, or how it was assembled.') {
    return invalid(this.key, field, `'${field}' ${problem}`, remedy);
  }
}

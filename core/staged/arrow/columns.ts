import type { Data, DataType } from 'apache-arrow';
import type { AnyColumn, ColumnType } from '../../model/columns.ts';
import type { StagedType } from '../layout.ts';
import { BoolBuilder, type Builder, Float64Builder, Int32Builder, Int64Builder, Utf8Builder } from './builders.ts';
import { CountBuilder, ListBuilder, RangeBuilder } from './nested.ts';
import {
  bool,
  counts,
  datetime,
  float,
  int,
  jsonText,
  listOf,
  object,
  objectOf,
  type Parse,
  quantity,
  range,
  text,
} from './values.ts';

/** A column that takes values as they come, checks them and builds. */
export interface CheckedColumn {
  readonly type: DataType;
  readonly length: number;
  /** @throws ValueError for a value of another type; the column is to be truncated then */
  append(value: unknown): void;
  /** The same for many; `length` says how many went well. */
  appendAll(values: readonly unknown[]): void;
  truncate(length: number): void;
  data(): Data;
}

/** A column of an inner table, as a plug-in declares it. */
export function declaredColumn({ type, list: many, searchable, members }: AnyColumn): CheckedColumn {
  const list = many === true;
  switch (type) {
    case 'string':
      return textColumn(text, list);
    case 'datetime':
      return textColumn(datetime, list);
    case 'quantity':
      return textColumn(quantity, list);
    case 'object':
      return textColumn(members !== undefined && searchable !== false ? objectOf(membersOf(members)) : object, list);
    case 'int':
      return column(int, new Int64Builder(), list);
    case 'float':
      return column(float, new Float64Builder(), list);
    case 'bool':
      return column(bool, new BoolBuilder(), list);
    case 'range':
      return column(range, new RangeBuilder(), list);
    case 'counts':
      return column(counts, new ListBuilder(new CountBuilder()), list);
  }
}

const membersOf = (members: NonNullable<AnyColumn['members']>): Readonly<Record<string, Parse<unknown>>> =>
  Object.fromEntries(Object.entries(members).map(([name, type]) => [name, parses[type]]));

const parses: Readonly<Record<ColumnType, Parse<unknown>>> = {
  ...{ string: text, int, float, bool, datetime, quantity, range, counts, object },
};

/** A column that the core itself fills: int32 from numbers, unchecked, JSON from text. */
export function coreColumn(type: StagedType): CheckedColumn {
  switch (type) {
    case 'string':
      return new TextColumn(text);
    case 'json':
      return new TextColumn(jsonText);
    case 'int32':
      return new Int32Builder() as CheckedColumn;
    default:
      throw new Error(`The core has no column of type ${type}`);
  }
}

/** Most columns hold text, one value a row: what always leads to the same builder and the same check is fast. */
class TextColumn implements CheckedColumn {
  readonly #parse: Parse<string>;
  readonly #builder = new Utf8Builder();
  readonly type = this.#builder.type;

  constructor(parse: Parse<string>) {
    this.#parse = parse;
  }

  get length(): number {
    return this.#builder.length;
  }

  append(value: unknown): void {
    if (value === null) this.#builder.append(null);
    else this.#builder.append(this.#parse === text ? text(value) : this.#parse(value));
  }

  appendAll(values: readonly unknown[]): void {
    for (const value of values) this.append(value);
  }

  truncate(length: number): void {
    this.#builder.truncate(length);
  }

  data(): Data {
    return this.#builder.data();
  }
}

function textColumn(parse: Parse<string>, list: boolean): CheckedColumn {
  return list ? column(parse, new Utf8Builder(), true) : new TextColumn(parse);
}

function column<T>(parse: Parse<T>, builder: Builder<T>, list: boolean): CheckedColumn {
  return list ? checked(listOf(parse), new ListBuilder(builder)) : checked(parse, builder);
}

function checked<T>(parse: Parse<T>, builder: Builder<T>): CheckedColumn {
  const append = (value: unknown) => builder.append(value === null ? null : parse(value));
  return {
    type: builder.type,
    get length() {
      return builder.length;
    },
    append,
    appendAll: (values) => values.forEach(append),
    truncate: (length) => builder.truncate(length),
    data: () => builder.data(),
  };
}

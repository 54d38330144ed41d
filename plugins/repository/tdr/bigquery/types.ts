import { name } from '../../../../core/duckdb/sql.ts';
import { Failure } from './failure.ts';
import type { Field } from './wire.ts';

/** The value, in DuckDB, of a text as BigQuery sends it. */
type Typed = (text: string) => string;

const cast =
  (type: string): Typed =>
  (text) =>
    `CAST(${text} AS ${type})`;

const boolean = cast('BOOLEAN');
const integer = cast('BIGINT');
const float = cast('DOUBLE');
/** Types of columns that tables of the repository have (specification, tdr 3.1); of the same names where SQL has others. */
const types: Readonly<Record<string, Typed>> = {
  STRING: (text) => text,
  ...{ BOOLEAN: boolean, BOOL: boolean, INTEGER: integer, INT64: integer, FLOAT: float, FLOAT64: float },
  NUMERIC: cast('DECIMAL(38, 9)'),
  ...{ DATE: cast('DATE'), DATETIME: cast('TIMESTAMP'), TIME: cast('TIME') },
  /** microseconds, in UTC */
  TIMESTAMP: (text) => `make_timestamp(CAST(${text} AS BIGINT))`,
  BYTES: (text) => `from_base64(${text})`,
};

/** Of a column that holds texts as they came. */
export const rawType = ({ mode }: Field): string => (mode === 'REPEATED' ? 'VARCHAR[]' : 'VARCHAR');

/** The value of a column that holds texts as they came. @throws Failure where no table of the repository has such a column */
export function typedValue({ name: field, type, mode }: Field): string {
  const typed = Object.hasOwn(types, type) ? types[type] : undefined;
  if (typed === undefined)
    throw new Failure(`column ${field} is of type ${type}, which no table of a snapshot has`, 400);
  const column = name(field);
  return `${mode === 'REPEATED' ? `list_transform(${column}, lambda one: ${typed('one')})` : typed(column)} AS ${column}`;
}

/** Quoting, the only place where names and text enter SQL. */

/** An identifier: table, column, alias. */
export const name = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

/** A table of the store, whatever temporary table may have the same name. */
export const stored = (table: string): string => `main.${name(table)}`;

/** A string constant. U+0000 would end the statement. */
export function text(value: string): string {
  const quoted = value.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return quoted.length === 1 ? String(quoted[0]) : `(${quoted.join(' || chr(0) || ')})`;
}

/** A list of string constants. */
export const texts = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;

/** Selects of equal columns one after the other; `empty` stands in where there is none. */
export const unionAll = (selects: readonly string[], empty: string): string =>
  selects.length === 0 ? empty : selects.join('\nUNION ALL\n');

/** Whether a column has one of a few numbers. DuckDB makes a join of `IN` lists, which costs more than it saves here. */
export const isOneOf = (column: string, numbers: readonly number[]): string =>
  `(${numbers.map((number) => `${column} = ${number}`).join(' OR ')})`;

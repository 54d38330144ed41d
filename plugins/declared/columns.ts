import { type AnyColumn, collapses, columnTypes, plain } from '../../core/model/columns.ts';
import { idColumn } from '../../core/model/fields.ts';
import type { ColumnType, MetadataPlugin, Table } from '../../core/model/metadata.ts';
import { nameProblems } from './names.ts';

/** Bits of a staged `absent`. */
const maxOptionalColumns = 31;

/** Whether rows can be told apart or grouped by values of a type. */
export const isPlain = (type: ColumnType): boolean => isOne(plain, type);

/** Whether a type is one of some. */
export const isOne = (types: readonly ColumnType[], type: ColumnType): boolean => types.includes(type);

/** What is wrong with the tables of a plug-in. */
export function* tableProblems({ tables }: MetadataPlugin): Generator<string> {
  for (const [name, table] of Object.entries(tables)) {
    yield* nameProblems('table', name);
    const optional = Object.values(table.columns).filter((column) => column.optional).length;
    if (optional > maxOptionalColumns) yield `table ${name} has more than ${maxOptionalColumns} optional columns`;
    if (table.reconcile !== undefined && table.reconcile !== 'complete')
      yield `table ${name} is reconciled by '${table.reconcile}': choose 'complete', or leave it out`;
    if (table.idAggregate !== undefined)
      yield* aggregateProblems(`${name}.${idColumn}`, { type: 'string', aggregate: table.idAggregate }, table);
    for (const [column, declared] of Object.entries(table.columns)) {
      yield* nameProblems('column', column, name);
      yield* columnProblems(`column ${name}.${column}`, declared, table);
    }
  }
}

function* columnProblems(place: string, column: AnyColumn, table: Table): Generator<string> {
  const { type, list, aggregate, members } = column;
  if (!columnTypes.includes(type)) return yield `${place} is of type '${type}': there are ${columnTypes.join(', ')}`;
  if (type === 'counts' && list) yield `${place} is a list of counts: counts are one object a row`;
  if (members !== undefined) yield* memberProblems(place, type, members);
  if (aggregate !== undefined) yield* aggregateProblems(place, column, table);
  else if (type === 'counts') yield `${place} has counts, which need an aggregate: choose 'frequency' or 'drop'`;
}

function* memberProblems(
  place: string,
  type: ColumnType,
  members: NonNullable<AnyColumn['members']>,
): Generator<string> {
  if (type !== 'object') yield `${place} has members, but is no object: leave them out`;
  if (Object.keys(members).length === 0)
    yield `${place} is an object with no members: leave them out to have it opaque`;
  for (const [name, member] of Object.entries(members)) {
    if (!/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/.test(name) || name in Object.prototype)
      yield `${place} has a member that can't be called '${name}': choose letters, digits, _ and -`;
    if (!isOne(plain, member)) yield `${place} has a member '${name}' of type ${member}: choose ${plain.join(', ')}`;
  }
}

/** What is wrong with how a column collapses. */
export function* aggregateProblems(
  place: string,
  { type, list, members, aggregate }: AnyColumn,
  table: Table,
): Generator<string> {
  if (aggregate === undefined) return;
  const { kind } = aggregate;
  const known = Object.hasOwn(collapses, kind) ? collapses[kind] : undefined;
  if (known === undefined)
    return yield `${place} collapses by '${kind}': there are ${Object.keys(collapses).join(', ')}`;
  if (!isOne(known.types, type) || (list === true && !known.lists)) {
    const what = list ? `a list of ${type}` : type;
    yield `${place} is ${what}, of which there is no ${kind}: that takes ${known.types.join(', ')}${known.lists ? '' : ', no lists'}`;
  }
  if ('limit' in aggregate && !isLimit(aggregate.limit, kind === 'frequency'))
    yield `${place} has a limit of ${aggregate.limit}: choose a whole number from 1 to 1,000,000${kind === 'frequency' ? '' : ', or null for none'}`;
  if ('by' in aggregate) yield* byProblems(place, aggregate.by, members);
  if ('distinctBy' in aggregate) yield* distinctProblems(place, aggregate.distinctBy, table);
}

function isLimit(limit: number | null, needed: boolean): boolean {
  return limit === null ? !needed : Number.isInteger(limit) && limit >= 1 && limit <= 1_000_000;
}

function* byProblems(place: string, by: string, members: AnyColumn['members']): Generator<string> {
  if (members !== undefined && !Object.hasOwn(members, by))
    yield `${place} is told apart by '${by}', which is none of its members: choose ${Object.keys(members).join(', ')}`;
  if (by === '' || /["\\]/.test(by) || by in Object.prototype)
    yield `${place} is told apart by a member that can't be called '${by}'`;
}

function* distinctProblems(place: string, columns: readonly string[], table: Table): Generator<string> {
  if (columns.length === 0) yield `${place} counts once per nothing: name columns in distinctBy, such as ${idColumn}`;
  for (const name of columns) {
    if (name === idColumn) continue;
    const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
    if (column === undefined) yield `${place} counts once per '${name}', which is no column of its table`;
    else if (column.list || !isPlain(column.type))
      yield `${place} counts once per '${name}', which is a list or ${column.type}: choose ${plain.join(', ')}`;
  }
}

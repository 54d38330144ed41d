import { isDeepStrictEqual } from 'node:util';
import { idColumn, isCompleted, type RoleField, roleFields } from '../../core/model/fields.ts';
import { type Column, defaultAggregate, type MetadataPlugin, type Role } from '../../core/model/metadata.ts';
import { replicasRole } from '../../core/model/normalized.ts';
import { aggregateProblems, isPlain } from './columns.ts';
import { nameProblems } from './names.ts';

/** Bits of a role's marks. */
const maxFields = 62;

/** What is wrong with the roles of a plug-in, whose tables have been checked. */
export function* allRoleProblems(plugin: MetadataPlugin): Generator<string> {
  for (const [name, role] of Object.entries(plugin.roles)) {
    yield* nameProblems('role', name);
    const problems = [...projectionProblems(plugin, name, role)];
    if (problems.length > 0) yield* problems;
    else yield* fieldProblems(plugin, name, role);
  }
}

function* projectionProblems({ tables }: MetadataPlugin, name: string, role: Role): Generator<string> {
  const missing = Object.keys(role.tables).filter((table) => !Object.hasOwn(tables, table));
  if (missing.length > 0) yield `role ${name} names tables that aren't declared: ${missing.join(', ')}`;
  if (name === replicasRole && Object.keys(role.tables).length > 0)
    yield `role ${name} has tables: it relates entities to verbatim documents, so give it none`;
  if (name !== replicasRole && Object.keys(role.tables).length === 0) yield `role ${name} has no tables: name one`;
  if (!['omit', 'list'].includes(role.whenEmpty))
    yield `role ${name} shows '${role.whenEmpty}' when it is empty: choose omit or list`;
  for (const [table, projection] of Object.entries(role.tables)) {
    const columns = tables[table]?.columns ?? {};
    if (projection === 'columns') continue;
    for (const [field, from] of Object.entries(projection)) {
      yield* nameProblems('field', field, name);
      if ('column' in from && from.column !== idColumn && !Object.hasOwn(columns, from.column))
        yield `${name}.${field} shows column '${from.column}', which table ${table} doesn't have`;
    }
  }
  if (Object.keys(role.tables).length > 1 && isCompleted({ tables, roles: { [name]: role } }, name))
    yield `role ${name} unites tables, one of which is reconciled by 'complete': give that one a role of its own`;
  const shown = Object.entries(role.tables).flatMap(([table, projection]) =>
    Object.keys(projection === 'columns' ? (tables[table]?.columns ?? {}) : projection),
  );
  for (const [field, { of }] of Object.entries(role.collapsedOnly ?? {})) yield* onlyProblems(name, field, of, shown);
}

function* onlyProblems(role: string, field: string, of: string, shown: readonly string[]): Generator<string> {
  yield* nameProblems('field', field, role);
  if (shown.includes(field)) yield `${role}.${field} is collapsed only, and a field besides: give it another name`;
  if (of !== idColumn && !shown.includes(of)) yield `${role}.${field} collapses '${of}', which is no field of the role`;
}

function* fieldProblems(plugin: MetadataPlugin, name: string, role: Role): Generator<string> {
  const fields = roleFields(plugin, name);
  if (fields.length > maxFields) yield `role ${name} has more than ${maxFields} fields`;
  for (const field of fields) yield* ofSeveralTables(plugin, field);
  for (const [only, { of, aggregate }] of Object.entries(role.collapsedOnly ?? {})) {
    const base = fields.find((field) => field.name === of);
    if (base !== undefined) yield* onlyAggregateProblems(plugin, `${name}.${only}`, { ...base, aggregate });
  }
  for (const used of role.groupBy ?? []) yield* groupProblems(name, used, fields);
  for (const used of Object.keys(role.fields ?? {}))
    if (!fields.some((field) => field.name === used)) yield `role ${name} has no field '${used}'`;
  for (const field of fields) yield* distinctProblems(role, field, fields);
}

function* onlyAggregateProblems(plugin: MetadataPlugin, place: string, field: RoleField): Generator<string> {
  for (const table of Object.keys(field.from)) {
    const { type, list, members, aggregate } = field;
    const described = { type, list, ...(members === undefined ? {} : { members }), aggregate };
    yield* aggregateProblems(place, described, plugin.tables[table] ?? { columns: {} });
  }
}

/** A field has one type, whichever table its value is from. */
function* ofSeveralTables({ tables }: MetadataPlugin, field: RoleField): Generator<string> {
  const { role, name, type, list, from, aggregate } = field;
  for (const [table, projected] of Object.entries(from)) {
    if ('constant' in projected) {
      if (projected.constant !== null && type !== 'string')
        yield `${role}.${name} is ${type}, and a text of table ${table}: choose null`;
      if (type === 'range' || type === 'counts' || type === 'object')
        yield `${role}.${name} is ${type}, of which there is no constant: leave it out of table ${table}`;
    } else if (projected.column !== idColumn) {
      const column = tables[table]?.columns[projected.column] as Column;
      if (column.type !== type || (column.list === true) !== list)
        yield `${role}.${name} is ${typeOf({ type, list })}, and ${typeOf(column)} of table ${table}: choose one`;
      else if (!field.collapsedOnly && !isDeepStrictEqual(column.aggregate ?? defaultAggregate, aggregate))
        yield `${role}.${name} collapses in one way in its first table, and in another one in table ${table}: choose one`;
    }
  }
}

const typeOf = ({ type, list }: { readonly type: string; readonly list?: boolean }): string =>
  list ? `a list of ${type}` : type;

function* groupProblems(role: string, name: string, fields: readonly RoleField[]): Generator<string> {
  const field = fields.find((known) => known.name === name);
  if (field === undefined) yield `role ${role} has no field '${name}'`;
  else if (field.collapsedOnly)
    yield `role ${role} is grouped by '${name}', which is collapsed only: group by what it is made of`;
  else if (field.aggregate.kind === 'drop')
    yield `role ${role} is grouped by '${name}', which is dropped: choose 'single'`;
  else if (!isPlain(field.type)) yield `role ${role} is grouped by '${name}', which is ${field.type}`;
}

/** Who counts once per column reads the columns of the tables; they must be what the role shows under these names. */
function* distinctProblems({ tables }: Role, field: RoleField, fields: readonly RoleField[]): Generator<string> {
  if (!('distinctBy' in field.aggregate)) return;
  for (const column of field.aggregate.distinctBy) {
    const known = fields.find(({ name }) => name === column);
    const isShown = Object.keys(field.from).every((table) => {
      const from = known?.from[table];
      return from !== undefined && 'column' in from && from.column === column;
    });
    if (!isShown && Object.keys(tables).length > 0)
      yield `${field.role}.${field.name} counts once per '${column}', which the role doesn't show under that name`;
  }
}

/** What is wrong where a role is shown collapsed: one value can only stand for all that are alike. */
export function* collapsedProblems(plugin: MetadataPlugin, name: string): Generator<string> {
  const { groupBy = [], collapsedOnly = {} } = plugin.roles[name] ?? {};
  for (const { name: field, aggregate } of roleFields(plugin, name)) {
    const of = Object.hasOwn(collapsedOnly, field) ? collapsedOnly[field]?.of : field;
    if (aggregate.kind === 'single' && !groupBy.includes(of ?? field))
      yield `${name}.${field} is 'single', but the role isn't grouped by ${of}: group by it, or choose another aggregate`;
  }
}

import {
  type Aggregate,
  type Column,
  type ColumnType,
  defaultAggregate,
  type EntityType,
  type FieldUse,
  type MetadataPlugin,
  type ProjectedField,
  type Shape,
  type Table,
} from './metadata.ts';

/** The part of a plug-in from which its fields follow. */
export type Declarations = Pick<MetadataPlugin, 'tables' | 'roles' | 'entityTypes'>;

/** The column that every inner table has, and a field of every role. */
export const idColumn = 'document_id';

/** A field of a role, as its tables project it. */
export interface RoleField {
  readonly role: string;
  readonly name: string;
  readonly type: ColumnType;
  readonly list: boolean;
  readonly optional: boolean;
  readonly searchable: boolean;
  readonly aggregate: Aggregate;
  readonly members: Readonly<Record<string, ColumnType>> | undefined;
  readonly use: FieldUse;
  /** by table: what it shows there; a table that doesn't have the field is missing */
  readonly from: Readonly<Record<string, ProjectedField>>;
  /** exists in collapsed shape only */
  readonly collapsedOnly: boolean;
}

/** A field of the documents of one entity type. */
export interface DocumentField extends RoleField {
  readonly entityType: string;
  readonly shape: Exclude<Shape, 'hidden'>;
  /** `contents.<role>.<name>` */
  readonly path: string;
  /** type of the leaf as documents show it: a count is an int whatever it counts */
  readonly shownType: ColumnType;
}

/** Whether copies of the inner entities of a role are put together: see `Table.reconcile`. */
export const isCompleted = (plugin: Pick<MetadataPlugin, 'tables' | 'roles'>, role: string): boolean =>
  Object.keys(plugin.roles[role]?.tables ?? {}).some((table) => plugin.tables[table]?.reconcile === 'complete');

/** Fields of a role, `document_id` first, in the order of declaration. */
export function roleFields(plugin: Declarations, role: string): readonly RoleField[] {
  const declared = plugin.roles[role];
  if (declared === undefined) return [];
  const fields = new Map<string, RoleField>();
  for (const [tableName, projection] of Object.entries(declared.tables)) {
    const table = plugin.tables[tableName];
    if (table === undefined) throw new TypeError(`Role ${role} names a table that is not declared: ${tableName}`);
    for (const [name, projected] of Object.entries(projectedFields(table, projection))) {
      const known = fields.get(name);
      const from = { ...known?.from, [tableName]: projected };
      fields.set(
        name,
        known && !isConstant(known, table, projected)
          ? { ...known, from }
          : {
              ...describe(role, name, table, projected),
              from,
              use: declared.fields?.[name] ?? {},
              collapsedOnly: false,
            },
      );
    }
  }
  for (const [name, { of, aggregate }] of Object.entries(declared.collapsedOnly ?? {})) {
    const base = fields.get(of);
    if (base === undefined) throw new TypeError(`Role ${role} collapses a field that it doesn't have: ${of}`);
    fields.set(name, { ...base, name, aggregate, use: declared.fields?.[name] ?? {}, collapsedOnly: true });
  }
  return [...fields.values()];
}

/** A field known from a constant only takes its type from the first real column. */
function isConstant(known: RoleField, table: Table, projected: ProjectedField): boolean {
  const constantSoFar = Object.values(known.from).every((from) => 'constant' in from);
  return constantSoFar && 'column' in projected && columnOf(table, projected.column) !== undefined;
}

/** Fields that documents of an entity type can show. */
export function documentFields(plugin: Declarations, entityType: string): readonly DocumentField[] {
  const { roles = {}, api = {} } = plugin.entityTypes[entityType] ?? {};
  return Object.entries(roles).flatMap(([role, shape]) =>
    shape === 'hidden'
      ? []
      : roleFields(plugin, role).flatMap((field) => documentField(calledHere(field, api), entityType, shape)),
  );
}

/** A field with the name that it has in the API for one entity type. */
function calledHere(field: RoleField, names: NonNullable<EntityType['api']>): RoleField {
  const path = `${field.role}.${field.name}`;
  return Object.hasOwn(names, path) ? { ...field, use: { ...field.use, api: names[path] as string } } : field;
}

function documentField(field: RoleField, entityType: string, shape: DocumentField['shape']): DocumentField[] {
  const collapsed = shape === 'collapsed';
  if (collapsed ? field.aggregate.kind === 'drop' : field.collapsedOnly) return [];
  const shownType = collapsed ? collapsedType(field) : field.type;
  return [{ ...field, entityType, shape, path: `contents.${field.role}.${field.name}`, shownType }];
}

/** Whether a collapsed field is a list: sets are, what reduces to one value is not, unless that is a list. */
export function collapsesToList({ aggregate: { kind }, list }: Pick<RoleField, 'aggregate' | 'list'>): boolean {
  if (kind === 'single') return list;
  return kind === 'set' || kind === 'objects' || kind === 'dictionary' || kind === 'frequency';
}

/** Whether documents show a list of values. */
export function showsList(field: DocumentField): boolean {
  return field.shape === 'collapsed' ? collapsesToList(field) : field.list;
}

/** The limit of a field that documents show as a list; null for none, and where there is no list. */
export function shownLimit(field: DocumentField): number | null {
  const { aggregate, shape } = field;
  return shape === 'collapsed' && 'limit' in aggregate && collapsesToList(field) ? aggregate.limit : null;
}

/**
 * Whether documents have a rest of a field: one that callers can name, and the index finds. Objects have none: the engine
 * holds them apart from the document that they are of.
 */
export const hasRest = (field: DocumentField): boolean =>
  shownLimit(field) !== null && field.use.api !== undefined && field.searchable && field.shownType !== 'object';

/** What documents show of a field that collapses: a count is an int whatever it counts. */
export function collapsedType({ type, aggregate }: Pick<RoleField, 'type' | 'aggregate'>): ColumnType {
  if (aggregate.kind === 'unique_count' || aggregate.kind === 'count') return 'int';
  return aggregate.kind === 'frequency' ? 'string' : type;
}

/** Whether values of a type are texts of any length. */
export const isText = (type: ColumnType): boolean => type === 'string' || type === 'quantity';

/** What a table shows under a role, field by field. */
export function projectedFields(
  table: Table,
  projection: 'columns' | Readonly<Record<string, ProjectedField>>,
): Readonly<Record<string, ProjectedField>> {
  const columns =
    projection === 'columns'
      ? Object.keys(table.columns).map((column) => [column, { column }] as const)
      : Object.entries(projection);
  return { [idColumn]: { column: idColumn }, ...Object.fromEntries(columns) };
}

function describe(role: string, name: string, table: Table, projected: ProjectedField) {
  const column: Column =
    'column' in projected
      ? (columnOf(table, projected.column) ?? unknownColumn(role, projected.column))
      : { type: 'string', ...(projected.list ? { list: true } : {}) };
  return {
    role,
    name,
    type: column.type,
    list: column.list === true,
    optional: column.optional === true,
    searchable: column.searchable !== false,
    aggregate: column.aggregate ?? defaultAggregate,
    members: column.members,
  };
}

function columnOf(table: Table, column: string): Column | undefined {
  if (column !== idColumn) return table.columns[column];
  return { type: 'string', optional: true, ...(table.idAggregate ? { aggregate: table.idAggregate } : {}) };
}

function unknownColumn(role: string, column: string): never {
  throw new TypeError(`Role ${role} shows a column that its table doesn't have: ${column}`);
}

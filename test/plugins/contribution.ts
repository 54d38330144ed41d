import { projectedFields } from '../../plugins/fields.ts';
import type { Json, MetadataPlugin, ProjectedField } from '../../plugins/metadata.ts';
import { documentsTable, type NormalizedBundle, type NormalizedEntity } from '../../plugins/normalized.ts';

/** Contents of a contribution in natural JSON: role → inner entities. */
export type Contents = Record<string, Record<string, Json>[]>;

/**
 * What a bundle says about one outer entity, put together from rows, sets and declarations alone:
 * the simplest reading of the contract, to compare with what is expected.
 *
 * @param scalars `<role>.<field>` that rows with an id hold one value of, though they are staged as lists
 */
export function contribution(
  plugin: MetadataPlugin,
  bundle: NormalizedBundle,
  entity: NormalizedEntity,
  scalars: ReadonlySet<string>,
): Contents {
  const contents: Contents = {};
  for (const [role, shape] of Object.entries(plugin.entityTypes[entity.type]?.roles ?? {})) {
    if (shape === 'hidden') continue;
    const rows = setOf(bundle, entity, role).map((row) => innerEntity(plugin, bundle, role, row, scalars));
    if (rows.length > 0 || plugin.roles[role]?.whenEmpty === 'list') contents[role] = rows;
  }
  return contents;
}

/** Numbers of the rows that an entity has in a role. */
export function setOf(bundle: NormalizedBundle, entity: NormalizedEntity, role: string): readonly number[] {
  const set = entity.sets[role] ?? 0;
  return set === 0 ? [] : (bundle.sets[set - 1] as readonly number[]);
}

/** Documents of which files are hubs: identity, contents as text, ids of the files. */
export function replicas(bundle: NormalizedBundle) {
  const hubs = new Map<number, string[]>();
  for (const entity of bundle.entities) {
    for (const row of setOf(bundle, entity, 'replicas')) hubs.set(row, [...(hubs.get(row) ?? []), entity.id]);
  }
  return bundle.rows.flatMap(({ table, id, values }, number) =>
    table === documentsTable && values.replica_type !== null
      ? [{ id, type: values.replica_type, contents: values.contents as string, hubs: hubs.get(number) ?? [] }]
      : [],
  );
}

function innerEntity(
  plugin: MetadataPlugin,
  bundle: NormalizedBundle,
  role: string,
  number: number,
  scalars: ReadonlySet<string>,
): Record<string, Json> {
  const { table, id, values } = bundle.rows[number] as NormalizedBundle['rows'][number];
  const declared = plugin.tables[table];
  const projection = plugin.roles[role]?.tables[table];
  if (declared === undefined || projection === undefined) throw new TypeError(`${role} holds a row of ${table}`);
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(declared.columns, name));
  if (unknown !== undefined) throw new TypeError(`${table} declares no column ${unknown}`);
  const inner: Record<string, Json> = id === null ? {} : { document_id: id };
  for (const [name, field] of Object.entries(projectedFields(declared, projection))) {
    if (name === 'document_id') continue;
    const value = natural(declared.columns, field, values);
    if (value === undefined) continue;
    inner[name] = id !== null && scalars.has(`${role}.${name}`) ? ((value as Json[])[0] ?? null) : value;
  }
  return inner;
}

type Columns = MetadataPlugin['tables'][string]['columns'];

function natural(columns: Columns, field: ProjectedField, values: Readonly<Record<string, unknown>>): Json | undefined {
  if ('constant' in field) return field.list ? [field.constant] : field.constant;
  const value = values[field.column] as Json | undefined;
  const column = columns[field.column];
  if (value === undefined) {
    if (!column?.optional) throw new TypeError(`Column ${field.column} is absent, but not optional`);
    return undefined;
  }
  if (column?.type === 'quantity') return quantity(value as string | null);
  if (Array.isArray(value) && value.length === 0 && column?.list && column.type !== 'object') return [null];
  return value;
}

function quantity(text: string | null): Json {
  if (text === null) return null;
  const [value = '', unit = null] = text.split(' ');
  return { value, unit };
}

import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { documentsTable, type NormalizedBundle, type NormalizedEntity } from '../../../core/model/normalized.ts';
import { innerEntity } from '../../../transform/reference/inner.ts';

/** Contents of a contribution in natural JSON: role → inner entities. */
export type Contents = Record<string, Record<string, Json>[]>;

/**
 * What a bundle says about one outer entity, put together from rows, sets and declarations alone:
 * to compare with what is expected.
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
    const rows = setOf(bundle, entity, role).map((row) => shown(plugin, bundle, role, row, scalars));
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

function shown(
  plugin: MetadataPlugin,
  bundle: NormalizedBundle,
  role: string,
  number: number,
  scalars: ReadonlySet<string>,
): Record<string, Json> {
  const row = bundle.rows[number] as NormalizedBundle['rows'][number];
  const unknown = Object.keys(row.values).find((name) => plugin.tables[row.table]?.columns[name] === undefined);
  if (unknown !== undefined) throw new TypeError(`${row.table} declares no column ${unknown}`);
  const members = Object.entries(innerEntity(plugin, role, row)).map(([name, value]) => [
    name,
    row.id !== null && scalars.has(`${role}.${name}`) ? ((value as Json[])[0] ?? null) : value,
  ]);
  return Object.fromEntries(members);
}

import { collapsesToList, type DocumentField, documentFields } from '../../plugins/fields.ts';
import type { Json, MetadataPlugin } from '../../plugins/metadata.ts';
import { collapsedField } from './collapse.ts';
import type { InnerEntities, Members } from './contribution.ts';
import { elementsOf } from './elements.ts';

export interface Contents {
  readonly contents: Record<string, Record<string, Json>[]>;
  readonly nulls: string[];
  readonly cuts: string[];
}

/** `contents` of a document from reconciled inner entities (indexing 7.5). */
export function contentsOf(plugin: MetadataPlugin, entityType: string, inner: InnerEntities): Contents {
  const contents: Contents['contents'] = {};
  const nulls = new Set<string>();
  const cuts = new Set<string>();
  const fields = documentFields(plugin, entityType);
  for (const [role, shape] of Object.entries(plugin.entityTypes[entityType]?.roles ?? {})) {
    if (shape === 'hidden') continue;
    const own = fields.filter((field) => field.role === role);
    const rows = inner[role] ?? [];
    const shown =
      shape === 'collapsed'
        ? groupsOf(plugin, role, own, rows).flatMap((group) => collapsed(plugin, own, group, cuts))
        : rows.map((row) => asItIs(own, row));
    for (const field of own) if (shown.some((entity) => isNull(field, entity[field.name]))) nulls.add(field.path);
    if (shown.length > 0 || plugin.roles[role]?.whenEmpty === 'list') contents[role] = shown;
  }
  return { contents, nulls: [...nulls], cuts: [...cuts] };
}

/** Inner entities by equal values of the group's fields; a list counts as the set of its elements. */
function groupsOf(
  plugin: MetadataPlugin,
  role: string,
  fields: readonly DocumentField[],
  rows: readonly Members[],
): readonly (readonly Members[])[] {
  const names = plugin.roles[role]?.groupBy ?? [];
  const keyOf = (row: Members): string => {
    const key = names.map((name) => {
      const field = fields.find((candidate) => candidate.name === name);
      if (field === undefined) throw new TypeError(`${role} is grouped by ${name}, which it doesn't have`);
      return [...new Set(elementsOf(field, (row[name] ?? null) as Json).map((one) => JSON.stringify(one)))].sort();
    });
    return JSON.stringify(key);
  };
  return [...Map.groupBy(rows, keyOf).values()];
}

function collapsed(
  plugin: MetadataPlugin,
  fields: readonly DocumentField[],
  group: readonly Members[],
  cuts: Set<string>,
): Record<string, Json>[] {
  const entity: Record<string, Json> = {};
  for (const field of fields) {
    const result = collapsedField(plugin, field, group);
    if (result === undefined) continue;
    entity[field.name] = result.value;
    if (result.cut) cuts.add(field.path);
  }
  return Object.keys(entity).length === 0 ? [] : [entity];
}

/** Unchanged, but for empty lists of scalars (indexing 7.7). */
function asItIs(fields: readonly DocumentField[], row: Members): Record<string, Json> {
  const present = fields.filter(({ name }) => Object.hasOwn(row, name));
  return Object.fromEntries(
    present.map((field) => {
      const value = row[field.name] as Json;
      return [field.name, field.list ? [...elementsOf(field, value)] : value];
    }),
  );
}

function isNull(field: DocumentField, value: Json | undefined): boolean {
  if (value === undefined || !field.searchable) return false;
  const isList = field.shape === 'collapsed' ? collapsesToList(field) : field.list;
  return value === null || (isList && Array.isArray(value) && value.includes(null));
}

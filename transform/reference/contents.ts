import { type Cut, type KnownLimits, knownLimits } from '../../core/documents/cuts.ts';
import { type DocumentField, documentFields, showsList } from '../../core/model/fields.ts';
import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import { type Collapsed, collapsedField } from './collapse.ts';
import type { InnerEntities, Members } from './contribution.ts';
import { elementsOf } from './elements.ts';

/** Inner entities of a document, by role. */
export type Roles = Record<string, Record<string, Json>[]>;

export interface Contents {
  readonly contents: Roles;
  readonly nulls: string[];
  readonly cuts: Cut[];
  /** what filters know beyond, by role: an object for each group that has any */
  readonly rest: Roles;
}

/** `contents` of a document from reconciled inner entities (indexing 7.5). */
export function contentsOf(
  plugin: MetadataPlugin,
  entityType: string,
  inner: InnerEntities,
  known: KnownLimits = knownLimits,
): Contents {
  const contents: Roles = {};
  const rest: Roles = {};
  const nulls = new Set<string>();
  const cuts = new Map<string, Cut>();
  const fields = documentFields(plugin, entityType);
  for (const [role, shape] of Object.entries(plugin.entityTypes[entityType]?.roles ?? {})) {
    if (shape === 'hidden') continue;
    const own = fields.filter((field) => field.role === role);
    const rows = inner[role] ?? [];
    const groups = shape === 'collapsed' ? groupsOf(plugin, role, own, rows) : [];
    const all = groups.map((group) => collapsed(plugin, own, group, known));
    for (const [field, { cut }] of all.flatMap((fields) => [...fields])) {
      addCut(cuts, field, cut);
      if (isNull(field, cut?.rest)) nulls.add(field.path);
    }
    const shown = shape === 'collapsed' ? entitiesOf(all, ({ value }) => value) : rows.map((row) => asItIs(own, row));
    const beyond = entitiesOf(all, ({ cut }) => knownBeyond(cut));
    if (beyond.length > 0) rest[role] = beyond;
    for (const field of own) if (shown.some((entity) => isNull(field, entity[field.name]))) nulls.add(field.path);
    if (shown.length > 0 || plugin.roles[role]?.whenEmpty === 'list') contents[role] = shown;
  }
  return { contents, nulls: [...nulls], cuts: [...cuts.values()], rest };
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

type CollapsedFields = ReadonlyMap<DocumentField, Collapsed>;

/** Those that the group has. */
function collapsed(
  plugin: MetadataPlugin,
  fields: readonly DocumentField[],
  group: readonly Members[],
  known: KnownLimits,
): CollapsedFields {
  const found = fields.map((field) => [field, collapsedField(plugin, field, group, known)] as const);
  return new Map(found.filter((entry): entry is [DocumentField, Collapsed] => entry[1] !== undefined));
}

/** An object for each group that has something. */
function entitiesOf(
  groups: readonly CollapsedFields[],
  membersOf: (field: Collapsed) => Json | undefined,
): Record<string, Json>[] {
  const entities = groups.map((fields) => {
    const members = [...fields].map(([{ name }, field]) => [name, membersOf(field)] as const);
    return Object.fromEntries(members.filter((member): member is [string, Json] => member[1] !== undefined));
  });
  return entities.filter((entity) => Object.keys(entity).length > 0);
}

/** What the index has beyond the limit: nulls are marked. */
function knownBeyond(cut: Collapsed['cut']): Json | undefined {
  const values = cut?.rest.filter((value) => value !== null) ?? [];
  return values.length === 0 ? undefined : values;
}

/** Of several groups the longest list counts, and whether all values of all are known. */
function addCut(cuts: Map<string, Cut>, { path }: DocumentField, cut: Collapsed['cut']): void {
  if (cut === undefined) return;
  const so = cuts.get(path);
  cuts.set(path, {
    path,
    shown: cut.shown,
    total: Math.max(cut.total, so?.total ?? 0),
    found: cut.found && so?.found !== false,
  });
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
  return value === null || (showsList(field) && Array.isArray(value) && value.includes(null));
}

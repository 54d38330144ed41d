import { numbers } from '../../core/model/columns.ts';
import { accessibleField, defaultEnvelope } from '../../core/model/envelope.ts';
import { type DocumentField, documentFields, roleFields } from '../../core/model/fields.ts';
import type { ColumnType, FieldUse, MetadataPlugin } from '../../core/model/metadata.ts';
import { isOne } from './columns.ts';
import { apiNameProblems } from './names.ts';

/** Whether filters, facets and sorts can find a field at all. */
const isFound = ({ searchable, shownType, members }: DocumentField): boolean =>
  searchable && shownType !== 'counts' && (shownType !== 'object' || members !== undefined);

/** Whether a facet can count the values of a type; of objects it counts the first member, which is text. */
function isCounted({ shownType, members }: DocumentField): boolean {
  if (shownType === 'object') return Object.values(members ?? {})[0] === 'string';
  return shownType !== 'range' && shownType !== 'counts';
}

/** Names in the API that the fields of roles can't have. */
export function envelopeNames({ envelope = defaultEnvelope }: MetadataPlugin): readonly string[] {
  return [...Object.values(envelope), accessibleField];
}

/** What is wrong with the names that fields have in the API, and with what is done with them there. */
export function* useProblems(plugin: MetadataPlugin): Generator<string> {
  yield* envelopeProblems(plugin);
  const names = new Map(envelopeNames(plugin).map((name) => [name, 'every document']));
  const shown = Object.keys(plugin.entityTypes).flatMap((type) => documentFields(plugin, type));
  for (const [role, { fields = {} }] of Object.entries(plugin.roles)) {
    for (const [field, use] of Object.entries(fields)) {
      const { api } = use;
      const place = `${role}.${field}`;
      if (api === undefined) {
        if (use.facet || use.beside !== undefined) yield `${place} is a facet without a name in the API: give it one`;
        continue;
      }
      yield* apiNameProblems(api, place);
      if (names.has(api))
        yield `API name '${api}' stands for fields of ${names.get(api)} and ${role}: choose another one`;
      names.set(api, role);
      const inRole = shown.filter((known) => known.role === role);
      const found = inRole.filter((known) => known.name === field);
      yield* facetProblems(plugin, place, use, found);
      yield* sortProblems(place, use, found, inRole);
    }
  }
  yield* computedProblems(plugin, names);
  yield* manifestProblems(plugin);
}

function* envelopeProblems(plugin: MetadataPlugin): Generator<string> {
  const { envelope = defaultEnvelope } = plugin;
  for (const path of Object.keys(defaultEnvelope))
    if (!Object.hasOwn(envelope, path)) yield `the envelope has no name for '${path}': give it one`;
  for (const [path, name] of Object.entries(envelope)) {
    if (!Object.hasOwn(defaultEnvelope, path)) yield `the envelope names '${path}', which documents don't have`;
    yield* apiNameProblems(name, `'${path}'`);
  }
  const all = envelopeNames(plugin);
  for (const name of new Set(all.filter((one, i) => all.indexOf(one) !== i)))
    yield `API name '${name}' stands for two fields of every document: choose another one`;
}

/** @param found the field as documents show it, once for each entity type */
function* facetProblems(
  plugin: MetadataPlugin,
  place: string,
  { api, facet, beside }: FieldUse,
  found: readonly DocumentField[],
): Generator<string> {
  const useful = found.filter(isFound);
  if (found.length > 0 && useful.length === 0)
    yield `${place} has API name '${api}', but can't be found: it is not searchable, counts, or an object without members`;
  const wrong = facet ? useful.find((field) => !isCounted(field)) : undefined;
  if (wrong !== undefined)
    yield `${place} is a facet, but documents of ${wrong.entityType} show it as ${wrong.shownType}, whose values can't be counted: leave out \`facet\``;
  if (beside === undefined) return;
  if (!facet || useful.some(({ shownType }) => shownType !== 'string'))
    yield `${place} has '${beside}' beside its terms, but is no facet of text: leave out \`beside\``;
  if (['term', 'count'].includes(beside))
    yield `${place} has '${beside}' beside its terms, where that is something else`;
  const types = typesOf(plugin, beside);
  if (types.length === 0) yield `${place} has '${beside}' beside its terms, which is no API name of a role's field`;
  else if (types.some((type) => type !== 'string')) yield `${place} has '${beside}' beside its terms, which is no text`;
}

function* sortProblems(
  place: string,
  { sortedBy }: FieldUse,
  found: readonly DocumentField[],
  inRole: readonly DocumentField[],
): Generator<string> {
  if (sortedBy === undefined) return;
  if (found.some(({ shownType }) => shownType !== 'range'))
    yield `${place} is sorted by '${sortedBy}', but is no range: it has an order of its own`;
  const others = inRole.filter(({ name }) => name === sortedBy);
  if (!others.some(isFound) || others.some(({ shownType }) => !isOne(numbers, shownType)))
    yield `${place} is sorted by '${sortedBy}', which is no field of numbers of its role`;
}

/** What documents show of the field with that name. */
function typesOf(plugin: MetadataPlugin, api: string): readonly ColumnType[] {
  return Object.keys(plugin.entityTypes).flatMap((type) =>
    documentFields(plugin, type).flatMap((field) => (field.use.api === api && isFound(field) ? [field.shownType] : [])),
  );
}

/** Computed fields of several entity types may share a name. */
function* computedProblems(plugin: MetadataPlugin, names: ReadonlyMap<string, string>): Generator<string> {
  for (const [type, { computed }] of Object.entries(plugin.entityTypes)) {
    const seen = new Set<string>();
    for (const [field, { api }] of Object.entries(computed)) {
      if (api === undefined) continue;
      yield* apiNameProblems(api, `${type}.${field}`);
      if (names.has(api))
        yield `API name '${api}' stands for fields of ${names.get(api)} and ${type}: choose another one`;
      if (seen.has(api)) yield `API name '${api}' stands for two computed fields of ${type}: choose another one`;
      seen.add(api);
    }
  }
}

function* manifestProblems(plugin: MetadataPlugin): Generator<string> {
  for (const [role, { fields = {} }] of Object.entries(plugin.roles))
    for (const [field, { manifest }] of Object.entries(fields))
      if (manifest === '' || /[\t\r\n]/.test(manifest ?? ''))
        yield `${role}.${field} has a header in manifests that is empty or has a line or tab: choose another one`;
}

/** Whether a list of documents can be sorted by the name: by an ordered field that documents of the type have. */
export function isSortable(plugin: MetadataPlugin, entityType: string, api: string): boolean {
  const { envelope = defaultEnvelope } = plugin;
  if ((Object.values(envelope) as string[]).includes(api)) return true;
  const { computed = {} } = plugin.entityTypes[entityType] ?? {};
  if (Object.values(computed).some((field) => field.api === api)) return true;
  return documentFields(plugin, entityType).some(
    (field) =>
      field.use.api === api && isFound(field) && (field.shownType !== 'range' || field.use.sortedBy !== undefined),
  );
}

/** The column of each table of a role that it shows under a name; undefined where one shows none. */
export function columnsShown({ tables, roles, entityTypes }: MetadataPlugin, role: string, name: string) {
  const field = roleFields({ tables, roles, entityTypes }, role).find(
    (known) => known.name === name && !known.collapsedOnly,
  );
  return Object.keys(roles[role]?.tables ?? {}).map((table) => {
    const from = field?.from[table];
    return from !== undefined && 'column' in from ? { table, column: from.column } : undefined;
  });
}

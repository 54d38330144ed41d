import { collapses, computes } from '../../core/model/columns.ts';
import { computedFields } from '../../core/model/computed.ts';
import { accessibleField } from '../../core/model/envelope.ts';
import type { Computed, EntityType, MetadataPlugin } from '../../core/model/metadata.ts';
import { documentsTable, replicasRole } from '../../core/model/normalized.ts';
import { isOne } from './columns.ts';
import { indexFieldProblems } from './index-fields.ts';
import { nameProblems } from './names.ts';
import { collapsedProblems } from './roles.ts';
import { columnsShown, isSortable } from './uses.ts';

/** They are numbered in one byte. */
const maxEntityTypes = 127;
/** OpenSearch gives 10,000 hits at a time, one of which tells whether another page follows. */
const maxHits = 9_999;

const shapes = ['single', 'list', 'collapsed', 'hidden'];
const kinds: readonly Computed['kind'][] = ['sum', 'count', 'distinct', 'min', 'max', 'same'];

/** What is wrong with the entity types of a plug-in, whose roles have been checked. */
export function* allEntityTypeProblems(plugin: MetadataPlugin): Generator<string> {
  const types = Object.entries(plugin.entityTypes);
  if (types.length === 0) yield 'there is no entity type: declare what documents are about';
  if (types.length > maxEntityTypes) yield `there are more than ${maxEntityTypes} entity types`;
  for (const [name, type] of types) {
    yield* nameProblems('entity type', name);
    const problems = [...shapeProblems(plugin, name, type)];
    yield* problems;
    if (problems.length === 0) {
      const wrong = [...computedProblems(plugin, name, type)];
      yield* wrong.length > 0 ? wrong : fallbackProblems(plugin, name);
      yield* servedProblems(plugin, name, type);
    }
  }
  const collapsed = types.flatMap(([, { roles }]) => Object.keys(roles).filter((role) => roles[role] === 'collapsed'));
  for (const role of new Set(collapsed)) yield* collapsedProblems(plugin, role);
  if (!Object.hasOwn(plugin.entityTypes, plugin.implicitHub))
    yield `the implicit hub '${plugin.implicitHub}' is no entity type`;
}

function* shapeProblems(plugin: MetadataPlugin, name: string, { roles }: EntityType): Generator<string> {
  const unknown = Object.keys(roles).filter((role) => role !== replicasRole && !Object.hasOwn(plugin.roles, role));
  if (unknown.length > 0) yield `entity type ${name} has roles that aren't declared: ${unknown.join(', ')}`;
  for (const [role, shape] of Object.entries(roles)) {
    if (!shapes.includes(shape)) yield `${name} shows role ${role} as '${shape}': choose ${shapes.join(', ')}`;
    if (role === replicasRole && shape !== 'hidden')
      yield `${name} shows role ${role}, which has rows of ${documentsTable} only: choose 'hidden'`;
  }
  if (!Object.values(roles).some((shape) => shape !== 'hidden'))
    yield `entity type ${name} shows no role: let it show one`;
  if (unknown.length === 0) yield* indexFieldProblems(plugin, name);
}

function* computedProblems(plugin: MetadataPlugin, type: string, { computed, roles }: EntityType): Generator<string> {
  for (const [name, field] of Object.entries(computed)) {
    const place = `${type}.${name}`;
    yield* nameProblems('computed field', name, type);
    if (!kinds.includes(field.kind)) yield `${place} is computed by '${field.kind}': there are ${kinds.join(', ')}`;
    else if (field.kind !== 'same') yield* inputProblems(plugin, place, field, roles);
    const other = otherOf(field);
    if (other === null) continue;
    if (!Object.hasOwn(computed, other)) yield `${place} falls back to '${other}', which isn't computed`;
    else if (isCyclic(computed, name)) yield `${place} falls back to itself by way of '${other}'`;
  }
}

const otherOf = (field: Computed): string | null =>
  field.kind === 'same' ? field.as : (('otherwise' in field ? field.otherwise : undefined) ?? null);

/** What is wrong with what computed fields fall back to, each of which can be computed: a field has one type. */
function* fallbackProblems(plugin: MetadataPlugin, type: string): Generator<string> {
  const fields = computedFields(plugin, type);
  for (const { name, input, type: own, otherwise } of fields) {
    const other = fields.find((known) => known.name === otherwise);
    if (input !== null && other !== undefined && other.type !== own)
      yield `${type}.${name} is computed from '${input.name}', which is ${own}, and falls back to '${other.name}', which is ${other.type}: choose one`;
  }
}

function isCyclic(computed: EntityType['computed'], start: string): boolean {
  const seen = new Set<string>();
  for (let name: string | null = start; name !== null; ) {
    if (seen.has(name)) return true;
    seen.add(name);
    const field: Computed | undefined = Object.hasOwn(computed, name) ? computed[name] : undefined;
    name = field === undefined ? null : otherOf(field);
  }
  return false;
}

/** Computed from a field that is of a column in each table of the role. */
function* inputProblems(
  plugin: MetadataPlugin,
  place: string,
  computed: Exclude<Computed, { readonly kind: 'same' }>,
  roles: EntityType['roles'],
): Generator<string> {
  const { kind, role } = computed;
  if (!Object.hasOwn(roles, role) || roles[role] === 'hidden')
    return yield `${place} is computed from a role that it doesn't show: ${role}`;
  if (kind === 'count') return;
  for (const shown of columnsShown(plugin, role, computed.column)) {
    const declared = shown && plugin.tables[shown.table]?.columns[shown.column];
    if (declared === undefined)
      return yield `${place} is computed from '${computed.column}', a column that role ${role} doesn't show of each of its tables`;
    const { types, lists } = kind === 'distinct' ? collapses.unique_count : { types: computes[kind], lists: false };
    if (!isOne(types, declared.type) || (declared.list === true && !lists))
      return yield `${place} is computed from '${computed.column}', which is ${declared.list ? 'a list' : declared.type}: choose ${types.join(', ')}`;
  }
}

function* servedProblems(plugin: MetadataPlugin, name: string, { served }: EntityType): Generator<string> {
  if (served === undefined) return;
  const { sort, order, maxPage, access } = served;
  if (sort === accessibleField || !isSortable(plugin, name, sort))
    yield `${name} is sorted by '${sort}', which is no API name of a field by which its documents can be sorted`;
  if (!['asc', 'desc'].includes(order)) yield `${name} is sorted '${order}': choose asc or desc`;
  if (!Number.isInteger(maxPage) || maxPage < 1 || maxPage > maxHits)
    yield `${name} is served in pages of ${maxPage}: choose a whole number from 1 to ${maxHits}`;
  if (!['public', 'by source'].includes(access))
    yield `${name} is accessible '${access}': choose 'public' or 'by source'`;
}

import { LazuliError } from '../config/errors.ts';
import { accessibleField, defaultEnvelope } from './envelope.ts';
import { documentFields, fieldCalled, idColumn, roleFields } from './fields.ts';
import type { MetadataPlugin } from './metadata.ts';
import { documentsTable, replicasRole } from './normalized.ts';
import { fieldsOf, type Measure, measuresOf } from './summary.ts';

const namePattern = /^[a-z_][a-z0-9_-]{0,62}$/;
/** Tables of staged batches and of the store that are the core's. */
const reservedTables = [
  'bundles',
  'entities',
  'members',
  documentsTable,
  'meta',
  'batches',
  'deletions',
  'row_ids',
  'outbox',
];
/** Bits of a staged `absent`, and of a role's marks. */
const maxOptionalColumns = 31;
const maxFields = 62;

/**
 * Checks what the types of the contract can't say: that names refer to something, that they are
 * unique where they must be, and that bounds are kept.
 *
 * @throws LazuliError `configuration_invalid` naming everything that is wrong
 */
export function checkDeclarations(plugin: MetadataPlugin): void {
  const problems = [
    ...tableProblems(plugin),
    ...roleProblems(plugin),
    ...entityTypeProblems(plugin),
    ...summaryProblems(plugin),
  ];
  if (problems.length === 0) return;
  throw new LazuliError('configuration_invalid', `Metadata plug-in '${plugin.name}': ${problems.join('; ')}`, {
    remedy: 'Correct its declarations; docs/plug-ins.md describes them.',
  });
}

function* tableProblems({ tables }: MetadataPlugin): Generator<string> {
  for (const [name, { columns }] of Object.entries(tables)) {
    if (!namePattern.test(name) || reservedTables.includes(name)) yield `a table can't be called '${name}'`;
    const optional = Object.values(columns).filter((column) => column.optional).length;
    if (optional > maxOptionalColumns) yield `table ${name} has more than ${maxOptionalColumns} optional columns`;
    for (const column of Object.keys(columns)) {
      if (!namePattern.test(column) || ['bundle', 'row', 'absent', idColumn].includes(column)) {
        yield `a column of ${name} can't be called '${column}'`;
      }
    }
  }
}

function* roleProblems(plugin: MetadataPlugin): Generator<string> {
  const apiNames = new Map(envelopeNames(plugin).map((name) => [name, 'every document']));
  for (const [name, role] of Object.entries(plugin.roles)) {
    const missing = Object.keys(role.tables).filter((table) => !Object.hasOwn(plugin.tables, table));
    if (missing.length > 0) {
      yield `role ${name} names tables that aren't declared: ${missing.join(', ')}`;
      continue;
    }
    const fields = roleFields(plugin, name).map((field) => field.name);
    if (fields.length > maxFields) yield `role ${name} has more than ${maxFields} fields`;
    for (const used of [...(role.groupBy ?? []), ...Object.keys(role.fields ?? {})]) {
      if (!fields.includes(used)) yield `role ${name} has no field '${used}'`;
    }
    for (const { api } of Object.values(role.fields ?? {})) {
      if (api === undefined) continue;
      if (apiNames.has(api)) yield `API name '${api}' stands for fields of ${apiNames.get(api)} and ${name}`;
      apiNames.set(api, name);
    }
  }
}

function* entityTypeProblems(plugin: MetadataPlugin): Generator<string> {
  const apiNames = new Set([
    ...envelopeNames(plugin),
    ...Object.values(plugin.roles).flatMap(({ fields }) => Object.values(fields ?? {}).map(({ api }) => api)),
    ...Object.values(plugin.entityTypes).flatMap(({ computed }) => Object.values(computed).map(({ api }) => api)),
  ]);
  for (const [name, { roles, computed, served }] of Object.entries(plugin.entityTypes)) {
    const unknown = Object.keys(roles).filter((role) => role !== replicasRole && !Object.hasOwn(plugin.roles, role));
    if (unknown.length > 0) {
      yield `entity type ${name} has roles that aren't declared: ${unknown.join(', ')}`;
      continue;
    }
    const columns = new Set(documentFields(plugin, name).map(({ role }) => role));
    for (const [field, input] of Object.entries(computed)) {
      if (input.kind !== 'same' && !columns.has(input.role))
        yield `${name}.${field} is computed from a role that it doesn't show: ${input.role}`;
      const other = input.kind === 'same' ? input.as : input.kind === 'max' ? input.otherwise : null;
      if (other !== null && !Object.hasOwn(computed, other))
        yield `${name}.${field} falls back to '${other}', which isn't computed`;
    }
    if (served && (served.sort === accessibleField || !apiNames.has(served.sort))) {
      yield `${name} is sorted by '${served.sort}', which is no API name`;
    }
  }
  if (!Object.hasOwn(plugin.entityTypes, plugin.implicitHub))
    yield `the implicit hub '${plugin.implicitHub}' is no entity type`;
}

/** Names in the API that fields of roles can't have. */
function envelopeNames({ envelope = defaultEnvelope }: MetadataPlugin): readonly string[] {
  return [...Object.values(envelope), accessibleField];
}

function* summaryProblems(plugin: MetadataPlugin): Generator<string> {
  for (const measure of measuresOf(plugin.summary ?? null)) {
    if (Object.hasOwn(plugin.entityTypes, measure.of)) yield* measureProblems(plugin, measure);
    else yield `the summary counts documents of ${measure.of}, which is no entity type`;
  }
}

function* measureProblems(plugin: MetadataPlugin, measure: Measure): Generator<string> {
  const known = fieldsOf(measure).map((field) => ({ field, ...fieldCalled(plugin, measure.of, field) }));
  for (const { field, path } of known) {
    if (path === undefined) yield `the summary reads '${field}', which documents of ${measure.of} don't have`;
  }
  const [first] = known;
  const isListed = measure.measure === 'terms' || measure.measure === 'groups';
  if (isListed && first?.type !== undefined && first.type !== 'string') {
    yield `the summary lists the values of '${first.field}', which are not strings`;
  }
}

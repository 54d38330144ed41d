import {
  collapsedType,
  type Declarations,
  type DocumentField,
  documentFields,
  idColumn,
  roleFields,
} from './fields.ts';
import type { Aggregate, ColumnType, Computed } from './metadata.ts';

/** A document's own field. */
export interface ComputedField {
  readonly name: string;
  /** name in the API */
  readonly api: string | undefined;
  readonly type: ColumnType;
  /** what is collapsed, once for the whole document; null where it is the same as another field */
  readonly input: DocumentField | null;
  /** the computed field that stands in where there is no value */
  readonly otherwise: string | null;
}

/** The computed fields of an entity type, in the order of declaration. */
export function computedFields(plugin: Declarations, entityType: string): readonly ComputedField[] {
  const declared = Object.entries(plugin.entityTypes[entityType]?.computed ?? {});
  const own = declared.map(([name, computed]) => {
    const input = computed.kind === 'same' ? null : inputOf(plugin, entityType, computed);
    const otherwise = computed.kind === 'same' ? computed.as : 'otherwise' in computed ? computed.otherwise : undefined;
    return { name, api: computed.api, input, otherwise: otherwise ?? null };
  });
  const typeOf = (name: string | null): ColumnType => {
    const field = own.find((known) => known.name === name);
    if (field === undefined) throw new TypeError(`Documents of ${entityType} have no computed field ${name}`);
    return field.input?.shownType ?? typeOf(field.otherwise);
  };
  return own.map((field) => ({ ...field, type: typeOf(field.name) }));
}

/** A field of a role as it is collapsed for a computed one. */
function inputOf(
  plugin: Declarations,
  entityType: string,
  computed: Exclude<Computed, { readonly kind: 'same' }>,
): DocumentField {
  const column = computed.kind === 'count' ? idColumn : computed.column;
  const field = roleFields(plugin, computed.role).find(({ name, collapsedOnly }) => name === column && !collapsedOnly);
  if (field === undefined) throw new TypeError(`Role ${computed.role} has no field ${column} to compute of`);
  const collapsed = { ...field, aggregate: aggregateOf(computed.kind) };
  const path = `${computed.kind} of ${field.role}.${field.name}`;
  return { ...collapsed, entityType, shape: 'collapsed', path, shownType: collapsedType(collapsed) };
}

function aggregateOf(kind: Exclude<Computed['kind'], 'same'>): Aggregate {
  if (kind === 'distinct') return { kind: 'unique_count' };
  return kind === 'sum' || kind === 'count' ? { kind, distinctBy: [idColumn] } : { kind };
}

/** A field of documents, as other declarations name it. */
export interface NamedField {
  readonly path: string;
  readonly type: ColumnType;
}

/**
 * The field `<role>.<field>`, or a computed one, of the documents of an entity type.
 *
 * @returns undefined where there is none
 */
export function fieldCalled(plugin: Declarations, entityType: string, name: string): NamedField | undefined {
  const computed = computedFields(plugin, entityType).find((known) => known.name === name);
  if (computed !== undefined) return { path: name, type: computed.type };
  const path = `contents.${name}`;
  const field = documentFields(plugin, entityType).find((known) => known.path === path && known.searchable);
  return field && { path, type: field.shownType };
}

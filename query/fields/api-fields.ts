import { wholeOf } from '../../core/documents/index-layout.ts';
import { computedFields } from '../../core/model/computed.ts';
import { accessibleField, defaultEnvelope } from '../../core/model/envelope.ts';
import { type DocumentField, documentFields, isText } from '../../core/model/fields.ts';
import type { ColumnType, MetadataPlugin } from '../../core/model/metadata.ts';
import { sourceIdPath } from './envelope.ts';

/** What a field holds, as far as filters, sorts and facets care. */
export type FieldType = Exclude<ColumnType, 'counts'>;

/** A field by the name that the API gives it, as the documents of one entity type have it. */
export interface ApiField {
  readonly name: string;
  /** in the index */
  readonly path: string;
  readonly type: FieldType;
  /** `object` only: its searchable members; the first one is what a facet shows */
  readonly members: Readonly<Record<string, ColumnType>>;
  /** texts are found whatever their length; false: those alone that facets list */
  readonly whole: boolean;
  readonly facet: boolean;
  /** field whose values are listed beside each term of the facet */
  readonly beside: string | undefined;
  /** false: documents of this entity type, or of this index, never have it, so that all its values are null */
  readonly indexed: boolean;
  /** what lists are sorted by in its place, under the same name */
  readonly sortedBy?: ApiField;
}

/** The fields of one entity type. Names and facets of all entity types of a catalog are known for each. */
export interface EntityFields {
  readonly byName: ReadonlyMap<string, ApiField>;
  readonly facets: readonly ApiField[];
  /** name of the field by which callers filter by source: never null, and subject to access control */
  readonly sourceId: string;
}

/** By entity type, unserved ones too. */
export function apiFields(plugin: MetadataPlugin): ReadonlyMap<string, EntityFields> {
  const own = new Map(Object.keys(plugin.entityTypes).map((type) => [type, ownFields(plugin, type)]));
  const everywhere = new Map<string, ApiField>();
  for (const fields of own.values()) {
    for (const field of fields) if (!everywhere.has(field.name)) everywhere.set(field.name, field);
  }
  return new Map([...own].map(([type, fields]) => [type, entityFields(everywhere, fields)]));
}

function entityFields(everywhere: ReadonlyMap<string, ApiField>, own: readonly ApiField[]): EntityFields {
  const byName = new Map<string, ApiField>();
  for (const [name, { sortedBy: _, ...field }] of everywhere) byName.set(name, { ...field, indexed: false });
  for (const field of own) byName.set(field.name, field);
  const fields = [...byName.values()];
  const sourceId = fields.find(({ path }) => path === sourceIdPath)?.name ?? sourceIdPath;
  return { byName, facets: fields.filter((field) => field.facet), sourceId };
}

/** What is known of a field in some index, by its path. */
export interface IndexedFields {
  readonly has: (path: string) => boolean;
  readonly findsWhole: (path: string) => boolean;
}

/** The same fields in an index that has some of them. */
export function fieldsIn({ byName, sourceId }: EntityFields, { has, findsWhole }: IndexedFields): EntityFields {
  const inIndex = ({ sortedBy, ...field }: ApiField): ApiField => ({
    ...field,
    indexed: field.indexed && has(field.path),
    whole: field.whole && findsWhole(field.path),
    ...(sortedBy && { sortedBy: inIndex(sortedBy) }),
  });
  const fields = [...byName.values()].map(inIndex);
  return {
    byName: new Map(fields.map((field) => [field.name, field])),
    facets: fields.filter(({ facet }) => facet),
    sourceId,
  };
}

/** Where all values of a field, or of a member of its objects, are in the index: also texts that no facet lists. */
export function valuesPath({ path, type, members, whole }: ApiField, member?: string): string {
  const own = member === undefined ? path : `${path}.${member}`;
  return whole && isText(member === undefined ? type : (members[member] ?? type)) ? wholeOf(own) : own;
}

function ownFields(plugin: MetadataPlugin, entityType: string): ApiField[] {
  const computed = computedFields(plugin, entityType).flatMap(({ name, api, type }) =>
    api === undefined || type === 'counts' ? [] : [scalarField(api, name, type)],
  );
  const inner = documentFields(plugin, entityType).flatMap((field, _, all) => innerField(field, all));
  const envelope = Object.entries(plugin.envelope ?? defaultEnvelope);
  const fields = [...envelope.map(([path, name]) => scalarField(name, path, 'string')), ...computed, ...inner];
  checkUnique(entityType, fields);
  return fields;
}

function innerField(
  { role, path, shownType, searchable, members, use }: DocumentField,
  all: readonly DocumentField[],
): ApiField[] {
  if (use.api === undefined || !searchable || shownType === 'counts') return [];
  if (shownType === 'object' && members === undefined) return [];
  const by = all.find((field) => field.role === role && field.name === use.sortedBy);
  return [
    {
      name: use.api,
      path,
      type: shownType,
      members: members ?? {},
      whole: [shownType, ...Object.values(members ?? {})].some(isText),
      facet: use.facet === true,
      beside: use.beside,
      indexed: true,
      ...(by !== undefined && by.shownType !== 'counts' && { sortedBy: scalarField(use.api, by.path, by.shownType) }),
    },
  ];
}

function scalarField(name: string, path: string, type: FieldType): ApiField {
  return { name, path, type, members: {}, whole: false, facet: false, beside: undefined, indexed: true };
}

function checkUnique(entityType: string, fields: readonly ApiField[]): void {
  const seen = new Set<string>([accessibleField]);
  for (const { name } of fields) {
    if (seen.has(name)) throw new TypeError(`Documents of ${entityType} have two fields that the API calls ${name}`);
    seen.add(name);
  }
}

import { type Declarations, type DocumentField, documentFields, hasRest, isText } from '../../core/model/fields.ts';
import type { ColumnType, MetadataPlugin } from '../../core/model/metadata.ts';

/** OpenSearch takes 1,000 fields in an index; some are the core's. */
const maxIndexFields = 950;
/** OpenSearch takes as many fields of objects whose members it finds (`nested`). */
const maxNestedFields = 50;

/** What is wrong with how many fields an index of an entity type would have, whose roles are declared. */
export function* indexFieldProblems(plugin: MetadataPlugin, name: string): Generator<string> {
  const all = indexFields(plugin, name);
  if (all > maxIndexFields)
    yield `documents of ${name} have ${all} fields: an index takes ${maxIndexFields}, and a text that can be found is two`;
  const nested = documentFields(plugin, name).filter((field) => foundMembers(field).length > 0).length;
  if (nested > maxNestedFields)
    yield `documents of ${name} have ${nested} fields of objects with members: an index takes ${maxNestedFields}`;
}

/**
 * The fields that the index of an entity type has for what is declared, as OpenSearch counts them: objects are fields, too,
 * and so are other places of the same values, for texts of any length and for what isn't shown (`core/documents/index-layout.ts`).
 */
export function indexFields(plugin: Declarations, entityType: string): number {
  const fields = documentFields(plugin, entityType);
  const rest = fields.filter(hasRest);
  const computed = Object.keys(plugin.entityTypes[entityType]?.computed ?? {}).length;
  const shown = fields.reduce((n, field) => n + placesOf(field), rolesOf(fields));
  return computed + shown + (rest.length === 0 ? 0 : 1 + rolesOf(rest) + rest.length);
}

const rolesOf = (fields: readonly DocumentField[]): number => new Set(fields.map(({ role }) => role)).size;

function placesOf(field: DocumentField): number {
  const own = field.searchable ? placesOfType(field.shownType) : 1;
  return foundMembers(field).reduce((n, type) => n + placesOfType(type), own);
}

const placesOfType = (type: ColumnType): number => (isText(type) ? 2 : 1);

/** Types of the members of objects that can be found by them. */
const foundMembers = ({ shownType, searchable, members }: DocumentField): readonly ColumnType[] =>
  shownType === 'object' && searchable ? Object.values(members ?? {}) : [];

import { type DocumentField, documentFields, showsList } from '../model/fields.ts';
import { fieldsRead } from '../model/manifests.ts';
import type { MetadataPlugin } from '../model/metadata.ts';

/**
 * How documents look as rows of a table, for exports and analysts: one column for each field that callers can name, that
 * tables for researchers have, or that exports read. Every value that is known counts, also those that a limit keeps from
 * being shown (`cuts.ts`).
 */
export interface DocumentColumn {
  /** `<role>.<field>`, or the name of a computed field */
  readonly name: string;
  /** in the index */
  readonly path: string;
  readonly type: DocumentField['shownType'];
  /** a list of values, in which nulls stay; else one value */
  readonly list: boolean;
  /** the field that it is of; null for a computed one */
  readonly field: DocumentField | null;
}

/** In the order of declaration, computed fields first. */
export function documentColumns(plugin: MetadataPlugin, entityType: string): readonly DocumentColumn[] {
  const computed = Object.keys(plugin.entityTypes[entityType]?.computed ?? {});
  const read = plugin.manifests === undefined ? new Set<string>() : fieldsRead(plugin.manifests);
  const isColumn = ({ use, shownType, role, name }: DocumentField): boolean => {
    const isUsed = use.api !== undefined || use.manifest !== undefined || read.has(`${role}.${name}`);
    return isUsed && shownType !== 'counts';
  };
  return [
    ...computed.map((name) => ({ name, path: name, type: 'int' as const, list: false, field: null })),
    ...documentFields(plugin, entityType).filter(isColumn).map(columnOf),
  ];
}

/** Only the fields of the entity that a document is about have one value each. */
function columnOf(field: DocumentField): DocumentColumn {
  const { path, role, name, shownType: type, shape } = field;
  return { name: `${role}.${name}`, path, type, list: shape !== 'single' || showsList(field), field };
}

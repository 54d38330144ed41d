import { type DocumentField, documentFields, showsList } from '../model/fields.ts';
import type { MetadataPlugin } from '../model/metadata.ts';

/**
 * How documents look as rows of a table, one column for each field that callers can name or that tables for researchers have:
 * what exports and analysts read. Every value that is known counts, also those that a limit keeps from being shown
 * (`cuts.ts`).
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
  return [
    ...computed.map((name) => ({ name, path: name, type: 'int' as const, list: false, field: null })),
    ...documentFields(plugin, entityType)
      .filter((field) => isColumn(plugin, field))
      .map(columnOf),
  ];
}

/** Files that belong to the one that a document is about have no documents: exports find them here. */
function isColumn({ manifests }: MetadataPlugin, { use, shownType, role, name }: DocumentField): boolean {
  if (shownType === 'counts') return false;
  const isRelated = role === manifests?.file.role && name === manifests.file.related;
  return isRelated || use.api !== undefined || use.manifest !== undefined;
}

/** Only the fields of the entity that a document is about have one value each. */
function columnOf(field: DocumentField): DocumentColumn {
  const { path, role, name, shownType: type, shape } = field;
  return { name: `${role}.${name}`, path, type, list: shape !== 'single' || showsList(field), field };
}

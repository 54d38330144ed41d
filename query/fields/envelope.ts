/** Fields that every document has, whatever it is about (specification, plugin-hca 6). */
export const envelopeFields = [
  { name: 'entryId', path: 'entity_id' },
  { name: 'bundleUuid', path: 'bundles.uuid' },
  { name: 'bundleVersion', path: 'bundles.version' },
  { name: 'sourceId', path: 'sources.id' },
  { name: 'sourceSpec', path: 'sources.spec' },
] as const;

/** Ends every sort, so that no two documents are equal. */
export const entityIdPath = 'entity_id';
export const sourceIdPath = 'sources.id';
/** The field by which callers filter by source: never null, and subject to access control. */
export const sourceIdField = 'sourceId';
/** Synthetic: whether the caller may see the sources of a document. */
export const accessibleField = 'accessible';

/**
 * Names in the API of the fields that every document has, whatever it is about, by their paths in
 * documents (specification, query-semantics 3).
 */
export interface Envelope {
  readonly entity_id: string;
  readonly 'bundles.uuid': string;
  readonly 'bundles.version': string;
  readonly 'sources.id': string;
  readonly 'sources.spec': string;
}

/** Names where a plug-in gives no others. */
export const defaultEnvelope: Envelope = {
  entity_id: 'entryId',
  'bundles.uuid': 'bundleUuid',
  'bundles.version': 'bundleVersion',
  'sources.id': 'sourceId',
  'sources.spec': 'sourceSpec',
};

/** Synthetic: whether the caller may see the sources of a document. No other field may have the name. */
export const accessibleField = 'accessible';

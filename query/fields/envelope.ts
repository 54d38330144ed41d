/** Ends every sort, so that no two documents are equal. */
export const entityIdPath = 'entity_id';
export const sourceIdPath = 'sources.id';

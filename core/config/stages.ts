/** Under these names stages have their checkpoints and reports, and in a stack their tasks. */
export const ingestStage = 'ingest';
export const transformStage = (catalog: string): string => `transform-${catalog}`;

/** Tables of entities, which are called like the concrete types of metadata (specification, staging-area 2). */
export const entityTypes: readonly string[] = [
  ...['cell_line', 'cell_suspension', 'donor_organism', 'imaged_specimen', 'organoid', 'specimen_from_organism'],
  ...['analysis_file', 'image_file', 'reference_file', 'sequence_file', 'supplementary_file'],
  ...['process', 'analysis_process', 'project'],
  ...['analysis_protocol', 'aggregate_generation_protocol', 'collection_protocol', 'differentiation_protocol'],
  ...['dissociation_protocol', 'enrichment_protocol', 'ipsc_induction_protocol', 'treatment_protocol'],
  ...[
    'imaging_protocol',
    'imaging_preparation_protocol',
    'library_preparation_protocol',
    'sequencing_protocol',
    'protocol',
  ],
];

export const isFileType = (type: string): boolean => type.endsWith('_file');

/** Columns that are read of the table of such entities. */
export const columnsOf = (type: string): readonly string[] => [
  `${type}_id`,
  'content',
  ...(isFileType(type) ? ['descriptor', 'file_id'] : []),
];

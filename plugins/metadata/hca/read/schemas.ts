/** What an entity is in the graph of a bundle. */
export type Core = 'project' | 'biomaterial' | 'file' | 'process' | 'protocol';

const schemas: Readonly<Record<Core, readonly string[]>> = {
  project: ['project'],
  biomaterial: [
    'donor_organism',
    'specimen_from_organism',
    'cell_suspension',
    'cell_line',
    'organoid',
    'imaged_specimen',
  ],
  file: ['analysis_file', 'reference_file', 'sequence_file', 'supplementary_file', 'image_file'],
  process: [
    'process',
    'analysis_process',
    'dissociation_process',
    'enrichment_process',
    'library_preparation_process',
    'sequencing_process',
  ],
  protocol: [
    'protocol',
    'analysis_protocol',
    'aggregate_generation_protocol',
    'collection_protocol',
    'differentiation_protocol',
    'dissociation_protocol',
    'enrichment_protocol',
    'ipsc_induction_protocol',
    'imaging_protocol',
    'library_preparation_protocol',
    'sequencing_protocol',
    'imaging_preparation_protocol',
    'treatment_protocol',
  ],
};

/** The core class of each known schema by its name (specification, plugin-hca 2.1). */
export const classOf: ReadonlyMap<string, { readonly schema: string; readonly core: Core }> = new Map(
  Object.entries(schemas).flatMap(([core, names]) =>
    names.map((schema) => [schema, { schema, core: core as Core }] as const),
  ),
);

/**
 * The role that a collected entity plays in documents, by schema. Sequencing processes are known by
 * their protocols, sequencing inputs by their processes; all other schemas appear in no role.
 */
export const roleOf: ReadonlyMap<string, string> = new Map([
  ['donor_organism', 'donors'],
  ['specimen_from_organism', 'specimens'],
  ['cell_suspension', 'cell_suspensions'],
  ['cell_line', 'cell_lines'],
  ['organoid', 'organoids'],
  ['analysis_protocol', 'analysis_protocols'],
  ['imaging_protocol', 'imaging_protocols'],
  ['library_preparation_protocol', 'library_preparation_protocols'],
  ['sequencing_protocol', 'sequencing_protocols'],
]);

/** Schemas of samples and the role by which documents show each kind of them in full. */
export const sampleRoleOf: ReadonlyMap<string, string> = new Map([
  ['cell_line', 'sample_cell_lines'],
  ['organoid', 'sample_organoids'],
  ['specimen_from_organism', 'sample_specimens'],
]);

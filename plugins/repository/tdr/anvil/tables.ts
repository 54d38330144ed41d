/** A table of a snapshot, with its columns in the order of their names (specification, plugin-anvil 2). */
interface AnvilTable {
  /** what other tables call its rows by */
  readonly key: string;
  readonly columns: readonly string[];
  /** of those, lists */
  readonly lists: readonly string[];
}

const rowIds = 'source_datarepo_row_ids';

function table(key: string, columns: readonly string[], lists: readonly string[]): AnvilTable {
  const all = [...columns, ...lists, rowIds, key, rowIdColumn];
  return { key, columns: all.toSorted(), lists: [...lists, rowIds] };
}

/** Every row has one: a UUID of version 4. */
export const rowIdColumn = 'datarepo_row_id';

/** Tables whose rows are entities of bundles. Those of antibodies and projects aren't read. */
export const tables = {
  anvil_activity: table('activity_id', ['activity_type'], ['used_file_id', 'generated_file_id', 'used_biosample_id']),
  anvil_alignmentactivity: table(
    'alignmentactivity_id',
    ['activity_type'],
    ['data_modality', 'generated_file_id', 'used_file_id', 'reference_assembly'],
  ),
  anvil_assayactivity: table(
    'assayactivity_id',
    ['activity_type', 'assay_type'],
    ['antibody_id', 'data_modality', 'generated_file_id', 'used_biosample_id'],
  ),
  anvil_biosample: table(
    'biosample_id',
    [
      ...['anatomical_site', 'biosample_type', 'disease', 'donor_age_at_collection_unit'],
      ...['donor_age_at_collection_lower_bound', 'donor_age_at_collection_upper_bound'],
    ],
    ['apriori_cell_type', 'donor_id', 'part_of_dataset_id'],
  ),
  anvil_dataset: table(
    'dataset_id',
    ['title'],
    [
      ...['consent_group', 'data_use_permission', 'owner', 'principal_investigator', 'registered_identifier'],
      'data_modality',
    ],
  ),
  anvil_diagnosis: table(
    'diagnosis_id',
    [
      ...['donor_id', 'diagnosis_age_unit', 'diagnosis_age_lower_bound', 'diagnosis_age_upper_bound'],
      ...['onset_age_unit', 'onset_age_lower_bound', 'onset_age_upper_bound'],
    ],
    ['disease', 'phenotype', 'phenopacket'],
  ),
  anvil_donor: table(
    'donor_id',
    ['organism_type', 'part_of_dataset_id', 'phenotypic_sex'],
    ['reported_ethnicity', 'genetic_ancestry'],
  ),
  anvil_file: table(
    'file_id',
    ['file_format', 'file_size', 'file_md5sum', 'file_name', 'file_ref', 'is_supplementary'],
    ['data_modality', 'reference_assembly'],
  ),
  anvil_sequencingactivity: table(
    'sequencingactivity_id',
    ['activity_type'],
    ['assay_type', 'data_modality', 'generated_file_id', 'used_biosample_id'],
  ),
  anvil_variantcallingactivity: table(
    'variantcallingactivity_id',
    ['activity_type'],
    ['used_file_id', 'generated_file_id', 'reference_assembly', 'data_modality'],
  ),
} as const satisfies Readonly<Record<string, AnvilTable>>;

/** Tables of what happens: each row uses and makes others. */
export const activityTables = Object.keys(tables).filter((name) => name.endsWith('activity')) as readonly TableName[];

export type TableName = keyof typeof tables;

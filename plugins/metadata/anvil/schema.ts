import type { VerbatimColumn } from '../../../core/model/manifests.ts';

type Columns = Readonly<Record<string, VerbatimColumn>>;

/** Values that a row may lack. Lists may be empty instead. */
const text = { type: 'string', nullable: true } as const;
const long = { type: 'long', nullable: true } as const;
const double = { type: 'double', nullable: true } as const;
const boolean = { type: 'boolean', nullable: true } as const;
const texts = { type: 'string', list: true } as const;
/** A primary key, which every row has. */
const key = { type: 'string' } as const;

/** Tables of a snapshot and their columns, of schema version 5 (specification, plugin-anvil 2). */
export const schema = {
  anvil_activity: {
    activity_id: key,
    activity_type: text,
    used_file_id: texts,
    generated_file_id: texts,
    used_biosample_id: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_alignmentactivity: {
    alignmentactivity_id: key,
    activity_type: text,
    data_modality: texts,
    generated_file_id: texts,
    used_file_id: texts,
    reference_assembly: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_antibody: { antibody_id: key, target: text, source_datarepo_row_ids: texts },
  anvil_assayactivity: {
    assayactivity_id: key,
    activity_type: text,
    antibody_id: texts,
    assay_type: text,
    data_modality: texts,
    generated_file_id: texts,
    used_biosample_id: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_biosample: {
    biosample_id: key,
    anatomical_site: text,
    apriori_cell_type: texts,
    biosample_type: text,
    disease: text,
    donor_age_at_collection_unit: text,
    donor_age_at_collection_lower_bound: double,
    donor_age_at_collection_upper_bound: double,
    donor_id: texts,
    part_of_dataset_id: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_dataset: {
    dataset_id: key,
    consent_group: texts,
    data_use_permission: texts,
    owner: texts,
    principal_investigator: texts,
    registered_identifier: texts,
    title: text,
    data_modality: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_diagnosis: {
    diagnosis_id: key,
    donor_id: text,
    disease: texts,
    diagnosis_age_unit: text,
    diagnosis_age_lower_bound: double,
    diagnosis_age_upper_bound: double,
    onset_age_unit: text,
    onset_age_lower_bound: double,
    onset_age_upper_bound: double,
    phenotype: texts,
    phenopacket: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_donor: {
    donor_id: key,
    organism_type: text,
    part_of_dataset_id: text,
    phenotypic_sex: text,
    reported_ethnicity: texts,
    genetic_ancestry: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_file: {
    file_id: key,
    data_modality: texts,
    file_format: text,
    file_size: long,
    file_md5sum: text,
    reference_assembly: texts,
    file_name: text,
    file_ref: text,
    is_supplementary: boolean,
    source_datarepo_row_ids: texts,
  },
  anvil_project: {
    project_id: key,
    funded_by: texts,
    generated_dataset_id: texts,
    principal_investigator: texts,
    title: text,
    registered_identifier: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_sequencingactivity: {
    sequencingactivity_id: key,
    activity_type: text,
    assay_type: texts,
    data_modality: texts,
    generated_file_id: texts,
    used_biosample_id: texts,
    source_datarepo_row_ids: texts,
  },
  anvil_variantcallingactivity: {
    variantcallingactivity_id: key,
    activity_type: text,
    used_file_id: texts,
    generated_file_id: texts,
    reference_assembly: texts,
    data_modality: texts,
    source_datarepo_row_ids: texts,
  },
} as const satisfies Readonly<Record<string, Columns>>;

/** A table of the schema. */
export type TableName = keyof typeof schema;

/** A member of rows beside the schema's, by which the repository has them. */
export const rowIdColumn = 'datarepo_row_id';
/** What only the stub of a dataset that is registered with DUOS has. */
export const descriptionColumn = 'description';

/** What assembly adds to files. */
const fileColumns = { drs_uri: text, crc32: text, sha256: text } as const;
const added = { version: text, [rowIdColumn]: text } as const;

/** Columns of rows as bundles have them, by table: those of the schema, and what assembly adds. */
export const columnsOf: ReadonlyMap<string, readonly (readonly [name: string, column: VerbatimColumn])[]> = new Map(
  Object.entries(schema).map(([table, columns]) => [
    table,
    Object.entries({
      ...columns,
      ...added,
      ...(table === 'anvil_file' ? fileColumns : {}),
      ...(table === 'anvil_dataset' ? { [descriptionColumn]: text } : {}),
    }),
  ]),
);

export const isTable = (name: string): name is TableName => Object.hasOwn(schema, name);

/** Whether rows of a table are activities, which make files. */
export const isActivity = (table: TableName): boolean => table.endsWith('activity');

/** The column by which rows of the same snapshot refer to those of a table. */
export const primaryKeyOf = (table: TableName): string => `${table.slice('anvil_'.length)}_id`;

/** Whether a table has a column, and whether that is a list. */
export function shapeOf(table: string, column: string): 'list' | 'scalar' | 'none' {
  const found = isTable(table) ? (schema[table] as Columns)[column] : undefined;
  if (found === undefined) return 'none';
  return found.list ? 'list' : 'scalar';
}

import { declareTables } from '../../../../core/model/declare.ts';

const string = { type: 'string' } as const;
const strings = { type: 'string', list: true } as const;
const int = { type: 'int' } as const;
const bool = { type: 'bool' } as const;
/** Of ages, in the unit of another column; null where nothing is known of them. */
const range = { type: 'range' } as const;
/** By which lists are sorted in the place of a range: where the age begins, or ends if nothing else is known. */
const from = { type: 'float', aggregate: { kind: 'min' } } as const;
/** Missing in one of the two rows that a dataset may have. */
const optional = <const C>(column: C) => ({ ...column, optional: true }) as const;

/**
 * Inner entities (specification, plugin-anvil 4). All of their fields aggregate as sets. Columns are in the order of tables for
 * researchers. `document_id` is the id of the row in its snapshot.
 */
export const tables = declareTables({
  datasets: {
    // What the repository has, and what DUOS has, are rows of different bundles.
    reconcile: 'complete',
    columns: {
      source_datarepo_row_ids: optional(strings),
      dataset_id: optional(string),
      consent_group: optional(strings),
      data_use_permission: optional(strings),
      owner: optional(strings),
      principal_investigator: optional(strings),
      registered_identifier: optional(strings),
      title: optional(string),
      data_modality: optional(strings),
      description: optional(string),
    },
  },
  donors: {
    columns: {
      source_datarepo_row_ids: strings,
      donor_id: string,
      organism_type: string,
      phenotypic_sex: string,
      reported_ethnicity: strings,
      genetic_ancestry: strings,
    },
  },
  diagnoses: {
    columns: {
      source_datarepo_row_ids: strings,
      diagnosis_id: string,
      disease: strings,
      diagnosis_age_unit: string,
      diagnosis_age: range,
      diagnosis_age_from: from,
      onset_age_unit: string,
      onset_age: range,
      onset_age_from: from,
      phenotype: strings,
      phenopacket: strings,
    },
  },
  biosamples: {
    columns: {
      source_datarepo_row_ids: strings,
      biosample_id: string,
      anatomical_site: string,
      apriori_cell_type: strings,
      biosample_type: string,
      disease: string,
      donor_age_at_collection_unit: string,
      donor_age_at_collection: range,
      donor_age_at_collection_from: from,
    },
  },
  // Five tables of the snapshot: some have lists where others have one value, or nothing.
  activities: {
    columns: {
      source_datarepo_row_ids: strings,
      activity_id: string,
      activity_table: string,
      activity_type: string,
      assay_type: strings,
      data_modality: strings,
      reference_assembly: strings,
    },
  },
  files: {
    columns: {
      source_datarepo_row_ids: strings,
      file_id: string,
      data_modality: strings,
      file_format: string,
      file_size: int,
      file_md5sum: string,
      reference_assembly: strings,
      file_name: string,
      is_supplementary: bool,
      version: string,
      uuid: string,
      size: int,
      name: string,
      crc32: string,
      sha256: string,
      drs_uri: string,
    },
  },
});

/** Ages, and the columns by which lists are sorted in their place. */
export const ages: Readonly<Record<string, string>> = {
  donor_age_at_collection: 'donor_age_at_collection_from',
  diagnosis_age: 'diagnosis_age_from',
  onset_age: 'onset_age_from',
};

/** Columns that only lists are sorted by: nobody sees them. */
export const hidden: ReadonlySet<string> = new Set(Object.values(ages));

/** A kind of inner entities. */
export type Kind = keyof typeof tables;

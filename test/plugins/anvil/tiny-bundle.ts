import type { Bundle } from '../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { Json } from '../../../core/model/metadata.ts';

export type Columns = Record<string, Json>;

/** A bundle that can be changed before it is normalized. */
export interface TinyBundle {
  readonly entities: Record<string, Columns>;
  links: Record<string, Json>[];
  [other: string]: unknown;
}

export const version = '2022-06-01T00:00:00.000000Z';
const source = { id: '11111111-1111-4111-8111-111111111111', spec: 'tdr:bigquery:gcp:project:snapshot:/0' };

/** A row id by a number of up to six digits. */
export const rowId = (number: number): string => `00000000-0000-4000-8000-000000${String(number).padStart(6, '0')}`;

export const dataset = `anvil_dataset/${rowId(1)}`;
export const donor = `anvil_donor/${rowId(2)}`;
export const diagnosis = `anvil_diagnosis/${rowId(3)}`;
export const biosample = `anvil_biosample/${rowId(4)}`;
export const sequencing = `anvil_sequencingactivity/${rowId(5)}`;
export const file = `anvil_file/${rowId(6)}`;

const common = (key: string): Columns => ({
  datarepo_row_id: key.split('/')[1] ?? '',
  source_datarepo_row_ids: [],
  version,
});

/** One row of each kind: a file that was sequenced from the biosample of a donor with a diagnosis. */
export function tinyBundle(): TinyBundle {
  return {
    entities: {
      [dataset]: {
        ...common(dataset),
        dataset_id: 'd',
        consent_group: ['GRU'],
        data_use_permission: [],
        owner: [],
        principal_investigator: [],
        registered_identifier: ['phs000001'],
        title: 'A study',
        data_modality: [],
      },
      [donor]: {
        ...common(donor),
        donor_id: 'o',
        organism_type: 'human',
        part_of_dataset_id: 'd',
        phenotypic_sex: null,
        reported_ethnicity: [],
        genetic_ancestry: [],
      },
      [diagnosis]: {
        ...common(diagnosis),
        diagnosis_id: 'i',
        donor_id: 'o',
        disease: ['asthma'],
        diagnosis_age_unit: 'Years',
        diagnosis_age_lower_bound: 5,
        diagnosis_age_upper_bound: 8,
        onset_age_unit: null,
        onset_age_lower_bound: null,
        onset_age_upper_bound: null,
        phenotype: [],
        phenopacket: [],
      },
      [biosample]: {
        ...common(biosample),
        biosample_id: 'b',
        anatomical_site: 'lung',
        apriori_cell_type: [],
        biosample_type: null,
        disease: null,
        donor_age_at_collection_unit: 'Years',
        donor_age_at_collection_lower_bound: 38,
        donor_age_at_collection_upper_bound: null,
        donor_id: ['o'],
        part_of_dataset_id: ['d'],
      },
      [sequencing]: {
        ...common(sequencing),
        sequencingactivity_id: 's',
        activity_type: 'Sequencing',
        assay_type: ['exome'],
        data_modality: [],
        generated_file_id: ['f'],
        used_biosample_id: ['b'],
      },
      [file]: {
        ...common(file),
        file_id: 'f',
        data_modality: [],
        file_format: '.bam',
        file_size: 7,
        file_md5sum: null,
        reference_assembly: [],
        file_name: 'a.bam',
        file_ref: 'drs://data.example/f',
        is_supplementary: false,
      },
    },
    links: [
      { inputs: [dataset], activity: null, outputs: [biosample] },
      { inputs: [donor], activity: null, outputs: [biosample] },
      { inputs: [diagnosis], activity: null, outputs: [donor] },
      { inputs: [biosample], activity: sequencing, outputs: [file] },
    ],
  };
}

/** The bundle of a dataset that is registered with DUOS. */
export const stubBundle = (description: string | null): TinyBundle => ({
  entities: { [dataset]: { description, version } },
  links: [],
});

/** As the repository gives it, under the id that its root has. */
export function asBundle(contents: TinyBundle, root = biosample): Bundle {
  const uuid = (root.split('/')[1] ?? '').replace('-4000-', '-a000-');
  const text = JSON.stringify(contents);
  return { fqid: { source, uuid, version }, contents: parseVerbatim(text), repository: {} };
}

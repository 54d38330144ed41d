import { declareTables } from '../../../../core/model/declare.ts';
import { drop, setOf } from '../../../../core/model/metadata.ts';

const string = { type: 'string' } as const;
const strings = { type: 'string', list: true } as const;
const int = { type: 'int' } as const;
const datetime = { type: 'datetime' } as const;
/** Absent from rows that only say what the strata of a matrix say. */
const optional = <const C>(column: C) => ({ ...column, optional: true }) as const;
const dropped = <const C>(column: C) => ({ ...column, aggregate: drop }) as const;
const single = <const C>(column: C) => ({ ...column, aggregate: { kind: 'single' } }) as const;
/** Counts once per data file, however many bundles hold it. */
const perFile = <const C>(column: C) =>
  ({ ...column, aggregate: { kind: 'sum', distinctBy: ['uuid', 'version'] } }) as const;
const perSuspension = { type: 'int', aggregate: { kind: 'sum', distinctBy: ['document_id'] } } as const;
/** Protocols are few, so their sets have no limit. */
const unlimited = <const C>(column: C) => ({ ...column, aggregate: setOf(null) }) as const;

/**
 * Inner entities and how their fields aggregate (specification, plugin-hca 4 and 5). In donors and
 * library preparation protocols the fields that strata give as lists are lists everywhere.
 */
export const tables = declareTables({
  files: {
    idAggregate: drop,
    columns: {
      file_type: dropped(string),
      name: dropped(string),
      file_format: single(string),
      read_index: dropped(optional(string)),
      lane_index: dropped(optional(int)),
      size: perFile(int),
      uuid: dropped(string),
      version: dropped(string),
      crc32c: dropped(string),
      sha256: dropped(string),
      'content-type': dropped(string),
      drs_uri: dropped(string),
      indexed: dropped({ type: 'bool' }),
      content_description: single(strings),
      is_intermediate: single({ type: 'bool' }),
      file_source: string,
      matrix_cell_count: perFile(optional(int)),
      related_files: dropped({ type: 'object', list: true, searchable: false }),
      _type: dropped(string),
    },
  },
  cell_suspensions: {
    columns: {
      biomaterial_id: string,
      total_estimated_cells: perSuspension,
      total_estimated_cells_redundant: perSuspension,
      selected_cell_type: strings,
      organ: strings,
      organ_part: strings,
    },
  },
  sequencing_processes: { idAggregate: setOf(10), columns: {} },
  sequencing_protocols: {
    idAggregate: setOf(null),
    columns: { instrument_manufacturer_model: unlimited(string), paired_end: unlimited({ type: 'bool' }) },
  },
  library_preparation_protocols: {
    idAggregate: setOf(null),
    columns: {
      library_construction_approach: unlimited(strings),
      nucleic_acid_source: unlimited(optional(string)),
    },
  },
  analysis_protocols: { idAggregate: setOf(null), columns: { workflow: unlimited(string) } },
  imaging_protocols: {
    idAggregate: setOf(null),
    columns: { assay_type: { type: 'counts', aggregate: { kind: 'frequency', limit: 100 } } },
  },
  projects: {
    columns: {
      institutions: strings,
      laboratory: strings,
      project_short_name: string,
      project_title: string,
      estimated_cell_count: { type: 'int', aggregate: { kind: 'max' } },
      project_description: dropped(string),
      contact_names: dropped(strings),
      contributors: dropped({ type: 'object', list: true, searchable: false }),
      publication_titles: strings,
      publications: dropped({ type: 'object', list: true, searchable: false }),
      supplementary_links: strings,
      accessions: {
        type: 'object',
        list: true,
        members: { namespace: 'string', accession: 'string' },
        aggregate: { kind: 'objects', limit: null, by: 'accession' },
      },
      is_tissue_atlas_project: { type: 'bool' },
      tissue_atlas: {
        type: 'object',
        list: true,
        members: { atlas: 'string', version: 'string' },
        aggregate: { kind: 'objects', limit: null, by: 'atlas' },
      },
      bionetwork_name: strings,
      data_use_restriction: string,
      _type: string,
    },
  },
  specimens: {
    columns: {
      biomaterial_id: string,
      has_input_biomaterial: optional(string),
      disease: optional(strings),
      organ: string,
      organ_part: optional(strings),
      storage_method: optional(string),
      preservation_method: optional(string),
      _source: optional(string),
      _type: optional(string),
    },
  },
  donors: {
    columns: {
      biological_sex: optional(string),
      biomaterial_id: string,
      genus_species: optional(strings),
      development_stage: optional(strings),
      diseases: optional(strings),
      organism_age: optional({ type: 'quantity' }),
      organism_age_range: optional({ type: 'range' }),
    },
  },
  cell_lines: { columns: { biomaterial_id: string, cell_line_type: string, model_organ: string } },
  organoids: { columns: { biomaterial_id: string, model_organ: string, model_organ_part: string } },
  sequencing_inputs: { columns: { biomaterial_id: string, sequencing_input_type: string } },
  matrices: {
    idAggregate: drop,
    columns: {
      file: { type: 'object', searchable: false, aggregate: { kind: 'dictionary', limit: 100, by: 'uuid' } },
    },
  },
  dates: {
    idAggregate: drop,
    columns: {
      submission_date: { ...datetime, aggregate: { kind: 'min' } },
      update_date: { ...datetime, aggregate: { kind: 'max' } },
      last_modified_date: { ...datetime, aggregate: { kind: 'max' } },
      aggregate_submission_date: { ...datetime, aggregate: { kind: 'min' } },
      aggregate_update_date: { ...datetime, aggregate: { kind: 'max' } },
      aggregate_last_modified_date: { ...datetime, aggregate: { kind: 'max' } },
    },
  },
});

import { declareRoles } from '../../../../core/model/declare.ts';
import type { FieldUse, Projection, Role } from '../../../../core/model/metadata.ts';
import { tables } from './tables.ts';

/** A field with a name in the API that is also a facet. */
const facet = (api: string, manifest?: string): FieldUse => ({ api, facet: true, ...column(manifest) });
/** A field that can be filtered and sorted by. */
const field = (api: string, manifest?: string): FieldUse => ({ api, ...column(manifest) });
/** A field that appears in tabular manifests only. */
const column = (manifest?: string): FieldUse => (manifest === undefined ? {} : { manifest });

/** A role whose rows are those of the table of the same name. */
function own<const T extends string, const F extends Role['fields'], const M extends Partial<Role> = object>(
  table: T,
  fields: F,
  more?: M,
) {
  return { tables: columnsOf(table), whenEmpty: 'list', fields, ...(more as M) } as const;
}

/** One kind of sample in full, beside the role that unites them all. */
const sampleKind = <const T extends string, const F extends Role['fields']>(table: T, fields: F) =>
  ({ tables: columnsOf(table), whenEmpty: 'omit', fields }) as const;

const columnsOf = <const T extends string>(table: T) => ({ [table]: 'columns' }) as Readonly<Record<T, 'columns'>>;

const nothing = { constant: null } as const;
const emptyList = { constant: null, list: true } as const;

/** What all kinds of samples have in common (specification, plugin-hca 4.1). */
const samples = {
  specimens: {
    entity_type: { constant: 'specimens' },
    biomaterial_id: { column: 'biomaterial_id' },
    organ: { column: 'organ' },
    organ_part: { column: 'organ_part' },
    model_organ: nothing,
    model_organ_part: nothing,
    effective_organ: { column: 'organ' },
  },
  cell_lines: {
    entity_type: { constant: 'cell_lines' },
    biomaterial_id: { column: 'biomaterial_id' },
    organ: nothing,
    organ_part: emptyList,
    model_organ: { column: 'model_organ' },
    model_organ_part: nothing,
    effective_organ: { column: 'model_organ' },
  },
  organoids: {
    entity_type: { constant: 'organoids' },
    biomaterial_id: { column: 'biomaterial_id' },
    organ: nothing,
    organ_part: emptyList,
    model_organ: { column: 'model_organ' },
    model_organ_part: { column: 'model_organ_part' },
    effective_organ: { column: 'model_organ' },
  },
} as const satisfies Readonly<Record<string, Projection>>;

/**
 * Roles with their API fields, facets and manifest columns; roles and fields in the order of the
 * columns of tabular manifests (specification, plugin-hca 6 and 7).
 */
export const roles = declareRoles(tables, {
  files: own(
    'files',
    {
      document_id: column('file_document_id'),
      file_type: column('file_type'),
      name: field('fileName', 'file_name'),
      file_format: facet('fileFormat', 'file_format'),
      read_index: column('read_index'),
      size: field('fileSize', 'file_size'),
      uuid: field('fileId', 'file_uuid'),
      version: field('fileVersion', 'file_version'),
      crc32c: column('file_crc32c'),
      sha256: column('file_sha256'),
      'content-type': column('file_content_type'),
      drs_uri: column('file_drs_uri'),
      content_description: facet('contentDescription'),
      is_intermediate: facet('isIntermediate'),
      file_source: facet('fileSource'),
      matrix_cell_count: field('matrixCellCount'),
    },
    {
      groupBy: ['content_description', 'file_format', 'is_intermediate'],
      collapsedOnly: { count: { of: 'uuid', aggregate: { kind: 'count', distinctBy: ['uuid', 'version'] } } },
    },
  ),
  cell_suspensions: own(
    'cell_suspensions',
    {
      document_id: column('cell_suspension.provenance.document_id'),
      biomaterial_id: column('cell_suspension.biomaterial_core.biomaterial_id'),
      total_estimated_cells: column('cell_suspension.estimated_cell_count'),
      selected_cell_type: facet('selectedCellType', 'cell_suspension.selected_cell_type'),
    },
    { groupBy: ['organ'] },
  ),
  sequencing_processes: own('sequencing_processes', {
    document_id: column('sequencing_process.provenance.document_id'),
  }),
  sequencing_protocols: own('sequencing_protocols', {
    instrument_manufacturer_model: facet(
      'instrumentManufacturerModel',
      'sequencing_protocol.instrument_manufacturer_model',
    ),
    paired_end: facet('pairedEnd', 'sequencing_protocol.paired_end'),
  }),
  library_preparation_protocols: own('library_preparation_protocols', {
    library_construction_approach: facet(
      'libraryConstructionApproach',
      'library_preparation_protocol.library_construction_approach',
    ),
    nucleic_acid_source: facet('nucleicAcidSource', 'library_preparation_protocol.nucleic_acid_source'),
  }),
  projects: own('projects', {
    document_id: field('projectId', 'project.provenance.document_id'),
    institutions: facet('institution', 'project.contributors.institution'),
    laboratory: facet('laboratory', 'project.contributors.laboratory'),
    project_short_name: { ...facet('project', 'project.project_core.project_short_name'), beside: 'projectId' },
    project_title: facet('projectTitle', 'project.project_core.project_title'),
    estimated_cell_count: field('projectEstimatedCellCount', 'project.estimated_cell_count'),
    contact_names: facet('contactName'),
    project_description: facet('projectDescription'),
    publication_titles: facet('publicationTitle'),
    accessions: field('accessions'),
    is_tissue_atlas_project: facet('isTissueAtlasProject'),
    tissue_atlas: facet('tissueAtlas'),
    bionetwork_name: facet('bionetworkName'),
    data_use_restriction: facet('dataUseRestriction'),
  }),
  specimens: own('specimens', {
    document_id: column('specimen_from_organism.provenance.document_id'),
    disease: facet('specimenDisease', 'specimen_from_organism.diseases'),
    organ: facet('specimenOrgan', 'specimen_from_organism.organ'),
    organ_part: facet('specimenOrganPart', 'specimen_from_organism.organ_part'),
    preservation_method: facet('preservationMethod', 'specimen_from_organism.preservation_storage.preservation_method'),
  }),
  donors: own(
    'donors',
    {
      biological_sex: facet('biologicalSex', 'donor_organism.sex'),
      biomaterial_id: column('donor_organism.biomaterial_core.biomaterial_id'),
      document_id: column('donor_organism.provenance.document_id'),
      genus_species: facet('genusSpecies', 'donor_organism.genus_species'),
      development_stage: facet('developmentStage', 'donor_organism.development_stage'),
      diseases: facet('donorDisease', 'donor_organism.diseases'),
      organism_age: facet('organismAge', 'donor_organism.organism_age'),
      organism_age_range: field('organismAgeRange'),
      donor_count: field('donorCount'),
    },
    { collapsedOnly: { donor_count: { of: 'biomaterial_id', aggregate: { kind: 'unique_count' } } } },
  ),
  cell_lines: own('cell_lines', {
    document_id: column('cell_line.provenance.document_id'),
    biomaterial_id: column('cell_line.biomaterial_core.biomaterial_id'),
    cell_line_type: facet('cellLineType'),
  }),
  organoids: own('organoids', {
    document_id: column('organoid.provenance.document_id'),
    biomaterial_id: column('organoid.biomaterial_core.biomaterial_id'),
    model_organ: column('organoid.model_organ'),
    model_organ_part: column('organoid.model_organ_part'),
  }),
  samples: {
    tables: samples,
    whenEmpty: 'omit',
    fields: {
      entity_type: facet('sampleEntityType', '_entity_type'),
      document_id: column('sample.provenance.document_id'),
      biomaterial_id: field('sampleId', 'sample.biomaterial_core.biomaterial_id'),
      organ: facet('organ'),
      organ_part: facet('organPart'),
      model_organ: facet('modelOrgan'),
      model_organ_part: facet('modelOrganPart'),
      effective_organ: facet('effectiveOrgan'),
    },
  },
  sequencing_inputs: own('sequencing_inputs', {
    document_id: column('sequencing_input.provenance.document_id'),
    biomaterial_id: column('sequencing_input.biomaterial_core.biomaterial_id'),
    sequencing_input_type: column('sequencing_input_type'),
  }),
  analysis_protocols: own('analysis_protocols', { workflow: facet('workflow') }),
  imaging_protocols: own('imaging_protocols', { assay_type: facet('assayType') }),
  sample_cell_lines: sampleKind('cell_lines', {}),
  sample_organoids: sampleKind('organoids', {}),
  sample_specimens: sampleKind('specimens', { disease: facet('sampleDisease') }),
  matrices: own('matrices', {}),
  contributed_analyses: own('matrices', {}),
  dates: own('dates', {
    submission_date: field('submissionDate'),
    update_date: field('updateDate'),
    last_modified_date: field('lastModifiedDate'),
    aggregate_submission_date: field('aggregateSubmissionDate'),
    aggregate_update_date: field('aggregateUpdateDate'),
    aggregate_last_modified_date: field('aggregateLastModifiedDate'),
  }),
});

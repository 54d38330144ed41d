import type { ManifestShape, PfbMember } from '../../../../core/model/manifests.ts';

/** A data file as matrices tell of it. */
const file: Readonly<Record<string, PfbMember>> = {
  document_id: 'string',
  'content-type': 'string',
  indexed: 'boolean',
  name: 'string',
  crc32c: 'string',
  sha256: 'string',
  size: 'long',
  uuid: 'uuid',
  drs_uri: 'string',
  version: 'string',
  file_type: 'string',
  file_format: 'string',
  content_description: 'string',
  is_intermediate: 'boolean',
  file_source: 'string',
  _type: 'string',
  read_index: 'string',
  lane_index: 'long',
  matrix_cell_count: 'long',
};

/** Reads are told apart by which of a fragment they are. */
const reads = { as: 'fastq', by: 'read_index' };

/** Specification, manifests 4 to 8 */
export const manifests: ManifestShape = {
  entityType: 'files',
  formats: ['compact', 'terra.bdbag', 'terra.pfb', 'curl', 'verbatim.jsonl', 'verbatim.pfb', 'parquet'],
  envelope: {
    'sources.id': 'source_id',
    'sources.spec': 'source_spec',
    'bundles.uuid': 'bundle_uuid',
    'bundles.version': 'bundle_version',
  },
  file: {
    role: 'files',
    uuid: 'uuid',
    version: 'version',
    name: 'name',
    location: 'drs_uri',
    url: 'file_url',
    related: 'related_files',
  },
  calledBy: 'projects.project_short_name',
  bag: {
    id: 'entity:participant_id',
    qualifier: 'file_format',
    refined: { fastq: reads, 'fastq.gz': reads },
  },
  pfb: {
    tables: [
      'samples',
      'sample_cell_lines',
      'sample_organoids',
      'sample_specimens',
      'sequencing_inputs',
      'specimens',
      'cell_suspensions',
      'cell_lines',
      'donors',
      'organoids',
      'files',
      'analysis_protocols',
      'imaging_protocols',
      'library_preparation_protocols',
      'sequencing_protocols',
      'sequencing_processes',
      'matrices',
      'contributed_analyses',
      'projects',
      'dates',
    ],
    scalars: [
      'cell_suspensions.total_estimated_cells',
      'cell_suspensions.total_estimated_cells_redundant',
      'donors.donor_count',
      'projects.estimated_cell_count',
    ],
    uuids: ['files.uuid'],
    objects: {
      'projects.contributors': {
        contact_name: 'string',
        corresponding_contributor: 'boolean',
        email: 'string',
        institution: 'string',
        laboratory: 'string',
        project_role: 'string',
      },
      'projects.publications': {
        publication_title: 'string',
        publication_url: 'string',
        official_hca_publication: 'boolean',
        doi: 'string',
      },
      'matrices.file': file,
      'contributed_analyses.file': file,
    },
  },
};

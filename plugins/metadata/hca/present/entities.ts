import type { Document, Json } from '../../../../core/model/metadata.ts';

export type Hit = Readonly<Record<string, Json>>;
/** An inner entity of a document, or of a hit. */
export type Inner = Readonly<Record<string, Json>>;
export type Contents = Document['contents'];

/** Name of a property in the API → name of the field in documents. */
export type Shape = Readonly<Record<string, string>>;

/** How inner entities are shown, by role. */
export const shapes = {
  specimens: {
    id: 'biomaterial_id',
    organ: 'organ',
    organPart: 'organ_part',
    disease: 'disease',
    preservationMethod: 'preservation_method',
    source: '_source',
  },
  cell_lines: { id: 'biomaterial_id', cellLineType: 'cell_line_type', modelOrgan: 'model_organ' },
  organoids: { id: 'biomaterial_id', modelOrgan: 'model_organ', modelOrganPart: 'model_organ_part' },
  donors: {
    id: 'biomaterial_id',
    donorCount: 'donor_count',
    developmentStage: 'development_stage',
    genusSpecies: 'genus_species',
    organismAge: 'organism_age',
    organismAgeRange: 'organism_age_range',
    biologicalSex: 'biological_sex',
    disease: 'diseases',
  },
  cell_suspensions: {
    organ: 'organ',
    organPart: 'organ_part',
    selectedCellType: 'selected_cell_type',
    totalCells: 'total_estimated_cells',
    totalCellsRedundant: 'total_estimated_cells_redundant',
  },
  dates: {
    aggregateLastModifiedDate: 'aggregate_last_modified_date',
    aggregateSubmissionDate: 'aggregate_submission_date',
    aggregateUpdateDate: 'aggregate_update_date',
    lastModifiedDate: 'last_modified_date',
    submissionDate: 'submission_date',
    updateDate: 'update_date',
  },
  analysis_protocols: { workflow: 'workflow' },
  imaging_protocols: { assayType: 'assay_type' },
  library_preparation_protocols: {
    libraryConstructionApproach: 'library_construction_approach',
    nucleicAcidSource: 'nucleic_acid_source',
  },
  sequencing_protocols: { instrumentManufacturerModel: 'instrument_manufacturer_model', pairedEnd: 'paired_end' },
} as const satisfies Readonly<Record<string, Shape>>;

export function rowsOf(contents: Contents, role: string): readonly Inner[] {
  return contents[role] ?? [];
}

/** An inner entity under API names; what it lacks is null. */
export function renamed(inner: Inner, shape: Shape): Inner {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, inner[field] ?? null]));
}

export function entities(contents: Contents, role: keyof typeof shapes): Inner[] {
  return rowsOf(contents, role).map((inner) => renamed(inner, shapes[role]));
}

export function donors(contents: Contents): Inner[] {
  return entities(contents, 'donors');
}

/** Roles of protocols, in the order of the list that unites them. */
export const protocolRoles = [
  'analysis_protocols',
  'imaging_protocols',
  'library_preparation_protocols',
  'sequencing_protocols',
] as const;

/** One list of all kinds of protocols, without a tag. */
export function protocols(contents: Contents): Inner[] {
  return protocolRoles.flatMap((role) => entities(contents, role));
}

/** Kinds of samples and how the API calls them, in the order of the list that unites them. */
export const sampleKinds = [
  { role: 'sample_cell_lines', kind: 'cell_lines', api: 'cellLines', organ: 'model_organ' },
  { role: 'sample_organoids', kind: 'organoids', api: 'organoids', organ: 'model_organ' },
  { role: 'sample_specimens', kind: 'specimens', api: 'specimens', organ: 'organ' },
] as const;

/** Samples in the shape of their kind. Those that surround another entity are collapsed: lists of everything. */
export function samples(contents: Contents, entityType: string): Inner[] {
  return sampleKinds.flatMap(({ role, kind, api, organ }) =>
    rowsOf(contents, role).map((inner) => ({
      sampleEntityType: entityType === 'samples' ? api : [api],
      effectiveOrgan: inner[organ] ?? null,
      ...renamed(inner, shapes[kind]),
    })),
  );
}

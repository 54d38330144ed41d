import type { SummaryShape } from '../../../../core/model/summary.ts';

const estimate = 'projects.estimated_cell_count';
const counted = 'cell_count';
const total = { measure: 'sum', of: 'projects' } as const;

/** Projects that say how many cells they have, that tell it by their suspensions, or both: each row its own sums. */
const cellsOfProjects: SummaryShape = [
  {
    projects: { estimatedCellCount: null },
    cellSuspensions: { totalCells: { ...total, field: counted, where: { field: estimate, nonZero: false } } },
  },
  {
    projects: { estimatedCellCount: { ...total, field: estimate, where: { field: counted, nonZero: false } } },
    cellSuspensions: { totalCells: null },
  },
  {
    projects: { estimatedCellCount: { ...total, field: estimate, where: { field: counted, nonZero: true } } },
    cellSuspensions: { totalCells: { ...total, field: counted, where: { field: estimate, nonZero: true } } },
  },
];

/** Specification, query-semantics 9.1 */
export const summary: SummaryShape = {
  projectCount: { measure: 'documents', of: 'projects' },
  specimenCount: { measure: 'distinct', of: 'samples', field: 'specimens.document_id' },
  speciesCount: { measure: 'distinct', of: 'samples', field: 'donors.genus_species' },
  fileCount: { measure: 'documents', of: 'files' },
  totalFileSize: { measure: 'sum', of: 'files', field: 'files.size' },
  donorCount: { measure: 'distinct', of: 'samples', field: 'donors.document_id' },
  labCount: { measure: 'distinct', of: 'projects', field: 'projects.laboratory' },
  organTypes: { measure: 'terms', of: 'samples', field: 'samples.effective_organ' },
  fileTypeSummaries: {
    measure: 'groups',
    of: 'files',
    field: 'files.file_format',
    members: {
      format: 'term',
      count: 'documents',
      totalSize: { sum: 'files.size' },
      matrixCellCount: { sum: 'files.matrix_cell_count' },
    },
  },
  cellCountSummaries: {
    measure: 'groups',
    of: 'cell_suspensions',
    field: 'cell_suspensions.organ',
    members: {
      organType: 'term in a list',
      countOfDocsWithOrganType: 'documents',
      totalCellCountByOrgan: { sum: 'cell_suspensions.total_estimated_cells' },
    },
  },
  projects: cellsOfProjects,
};

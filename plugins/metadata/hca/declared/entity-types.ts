import { declareEntityTypes } from '../../../../core/model/declare.ts';
import type { Shape } from '../../../../core/model/metadata.ts';
import { replicasRole } from '../../../../core/model/normalized.ts';
import { roles } from './roles.ts';
import { tables } from './tables.ts';

/** How documents show their surroundings unless they say otherwise. */
const surroundings = {
  files: 'collapsed',
  cell_suspensions: 'collapsed',
  sequencing_processes: 'collapsed',
  sequencing_protocols: 'collapsed',
  library_preparation_protocols: 'collapsed',
  projects: 'collapsed',
  specimens: 'collapsed',
  donors: 'collapsed',
  cell_lines: 'collapsed',
  organoids: 'collapsed',
  samples: 'collapsed',
  sequencing_inputs: 'collapsed',
  analysis_protocols: 'collapsed',
  imaging_protocols: 'collapsed',
  sample_cell_lines: 'collapsed',
  sample_organoids: 'collapsed',
  sample_specimens: 'collapsed',
  dates: 'collapsed',
} as const satisfies Readonly<Record<string, Shape>>;
const matrices = { matrices: 'collapsed', contributed_analyses: 'collapsed' } as const;

/** Cells of the document's suspensions; projects may say how many they expect (specification, plugin-hca 5). */
const cellCounts = <const E>(effective: E) =>
  ({
    cell_count: { kind: 'sum', role: 'cell_suspensions', column: 'total_estimated_cells', api: 'cellCount' },
    effective_cell_count: effective,
  }) as const;
const asCounted = { kind: 'same', as: 'cell_count', api: 'effectiveCellCount' } as const;
const asExpected = {
  kind: 'max',
  role: 'projects',
  column: 'estimated_cell_count',
  otherwise: 'cell_count',
  api: 'effectiveCellCount',
} as const;

/** What documents are about, and how they are served (specification, plugin-hca 3, 5 and 6). */
export const entityTypes = declareEntityTypes(
  { tables, roles },
  {
    files: {
      roles: { ...surroundings, files: 'single', [replicasRole]: 'hidden' },
      served: { sort: 'fileName', order: 'asc', maxPage: 1000, access: 'by source', showsBundles: true },
      computed: cellCounts(asCounted),
    },
    cell_suspensions: {
      roles: { ...surroundings, cell_suspensions: 'single' },
      computed: cellCounts(asCounted),
    },
    samples: {
      roles: {
        ...surroundings,
        samples: 'single',
        sample_cell_lines: 'single',
        sample_organoids: 'single',
        sample_specimens: 'single',
      },
      served: { sort: 'sampleId', order: 'asc', maxPage: 1000, access: 'by source', showsBundles: false },
      computed: cellCounts(asCounted),
    },
    projects: {
      roles: { ...surroundings, ...matrices, projects: 'single' },
      served: { sort: 'projectTitle', order: 'asc', maxPage: 100, access: 'public', showsBundles: false },
      computed: cellCounts(asExpected),
    },
    bundles: {
      roles: { ...surroundings, ...matrices, files: 'list' },
      served: { sort: 'bundleVersion', order: 'desc', maxPage: 100, access: 'by source', showsBundles: true },
      computed: cellCounts(asCounted),
    },
  },
);

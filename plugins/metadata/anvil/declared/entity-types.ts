import { declareEntityTypes } from '../../../../core/model/declare.ts';
import { replicasRole } from '../../../../core/model/normalized.ts';
import { roles } from './roles.ts';
import { tables } from './tables.ts';

/** How documents show what isn't themselves. */
const surroundings = {
  activities: 'collapsed',
  biosamples: 'collapsed',
  datasets: 'collapsed',
  diagnoses: 'collapsed',
  donors: 'collapsed',
  files: 'collapsed',
} as const;

const servedBy = <const S extends string>(sort: S) =>
  ({ sort, order: 'asc', maxPage: 1000, access: 'by source', showsBundles: true }) as const;

/** What documents are about, and how they are served (specification, plugin-anvil 3 and 7). */
export const entityTypes = declareEntityTypes(
  { tables, roles },
  {
    activities: {
      roles: { ...surroundings, activities: 'single' },
      served: servedBy('activities.activity_id'),
      computed: {},
    },
    biosamples: {
      roles: { ...surroundings, biosamples: 'single' },
      served: servedBy('biosamples.biosample_id'),
      computed: {},
    },
    bundles: { roles: surroundings, served: servedBy('bundle_uuid'), computed: {} },
    datasets: {
      roles: { ...surroundings, datasets: 'single' },
      served: { ...servedBy('datasets.dataset_id'), access: 'public' },
      computed: {},
    },
    donors: { roles: { ...surroundings, donors: 'single' }, served: servedBy('donors.donor_id'), computed: {} },
    files: {
      roles: { ...surroundings, files: 'single', [replicasRole]: 'hidden' },
      served: servedBy('files.file_id'),
      computed: {},
    },
  },
);

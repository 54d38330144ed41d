import type { Catalog } from '../../../core/config/catalogs.ts';

const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/bundles/hca' } };

/** The n-th of them: as long as those of the established system. */
const source = (n: number): string =>
  `tdr:bigquery:gcp:datarepo-${n.toString(16).padStart(8, '0')}:hca_prod_${n}_20250101:/${n % 3}`;

/** Eight catalogs of 470 sources each, as many as in production: more as JSON than a variable of a process may hold. */
export const manyCatalogs: Readonly<Record<string, Catalog>> = Object.fromEntries(
  Array.from({ length: 8 }, (_, catalog) => {
    const sources = Array.from({ length: 470 }, (_, i) => source(470 * catalog + i));
    return [`dcp${catalog + 1}`, { atlas: 'hca', internal: false, plugins, sources }];
  }),
);

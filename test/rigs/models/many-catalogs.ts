import type { Catalog } from '../../../core/config/catalogs.ts';

const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/bundles/hca' } };

/** The n-th of them: as long as those of the established system. */
const source = (n: number): string =>
  `tdr:bigquery:gcp:datarepo-${n.toString(16).padStart(8, '0')}:hca_prod_${n}_20250101:/${n % 3}`;

/** So many catalogs of so many sources each, half of them internal. */
export const catalogsOf = (catalogs: number, sources: number): Readonly<Record<string, Catalog>> =>
  Object.fromEntries(
    Array.from({ length: catalogs }, (_, catalog) => {
      const own = Array.from({ length: sources }, (_, i) => source(sources * catalog + i));
      return [`dcp${catalog + 1}`, { atlas: 'hca', internal: catalog % 2 === 1, plugins, sources: own }];
    }),
  );

/** As many as in production: more as JSON than a variable of a process may hold. */
export const manyCatalogs = catalogsOf(8, 470);

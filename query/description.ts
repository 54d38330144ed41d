import type { ApiDescription } from '../core/http/documentation/document.ts';

/** What the OpenAPI document says of the service as a whole. */
export const serviceDescription: ApiDescription = {
  title: 'Lazuli Service',
  description: [
    'Searches metadata of genomic data sets: facets, filters, sorted pages of entities.',
    'Without a token callers see what is public.',
    'Catalogs and their entity types are at `/index/catalogs`.',
  ].join(' '),
  version: '9.2',
  tags: [
    { name: 'Index', description: 'Lists of entities with facets' },
    { name: 'Manifests', description: 'Lists of files to download' },
    { name: 'Repository', description: 'Sources and files' },
    { name: 'DRS', description: 'Data files and bundles for clients of the Data Repository Service (GA4GH)' },
    { name: 'Auxiliary', description: 'State, version and documentation of the service' },
  ],
};

import { z } from 'zod';
import { type Operation, operation } from '../../core/http/operation.ts';
import { noParameters } from '../../core/http/parameters.ts';
import type { Catalog } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';

const index = z.object({
  default_sort: z.string().meta({ description: 'Name of a field.' }),
  default_order: z.enum(['asc', 'desc']),
});
const plugins = z.object({
  metadata: z.object({
    name: z.string(),
    indices: z.record(z.string(), index).meta({ description: 'By entity type.' }),
  }),
  repository: z.object({ name: z.string(), sources: z.array(z.string()) }),
});
const catalogList = z
  .object({
    default_catalog: z.string().meta({ description: 'What is asked where a request names none.' }),
    catalogs: z
      .record(z.string(), z.object({ internal: z.boolean(), atlas: z.string(), plugins }))
      .meta({ description: 'By name.' }),
  })
  .meta({ id: 'Catalogs' });

/** `GET /index/catalogs` (specification, service-api 6) */
export function catalogsOperation({ catalogs }: QueryDeps): Operation {
  const body = {
    default_catalog: catalogs.default,
    catalogs: Object.fromEntries([...catalogs.byName].map(([name, catalog]) => [name, described(catalog)])),
  };
  return operation({
    ...{ method: 'get', path: '/index/catalogs', id: 'listCatalogs', tag: 'Index' },
    summary: 'Catalogs and their entity types',
    query: noParameters,
    answer: { description: 'The catalogs.', schema: catalogList },
    handle: () => body,
  });
}

function described({ settings, plugin, entities }: Catalog) {
  const indices = [...entities].map(([type, { served }]) => [
    type,
    { default_sort: served.sort, default_order: served.order },
  ]);
  return {
    internal: settings.internal,
    atlas: settings.atlas,
    plugins: {
      metadata: { name: plugin.name, indices: Object.fromEntries(indices) },
      repository: { name: settings.plugins.repository.name, sources: settings.sources },
    },
  };
}

import type { Context } from '../../http/state.ts';
import type { Catalog } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { noParameters, parseParameters, urlParameters } from '../parameters.ts';

/** `GET /index/catalogs` (specification, service-api 6) */
export function catalogsRoute({ catalogs }: QueryDeps) {
  const body = {
    default_catalog: catalogs.default,
    catalogs: Object.fromEntries([...catalogs.byName].map(([name, catalog]) => [name, described(catalog)])),
  };
  return (ctx: Context): void => {
    parseParameters(noParameters, urlParameters(ctx.querystring));
    ctx.body = body;
  };
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

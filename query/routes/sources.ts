import type { Context } from '../../http/state.ts';
import { catalogNamed } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { callerSources } from '../http/caller.ts';
import { catalogParameters, parseParameters, urlParameters } from '../parameters.ts';

/** `GET /repository/sources`: those of a catalog that the caller may see (specification, service-api 12) */
export function sourcesRoute({ catalogs, identify }: QueryDeps) {
  return async (ctx: Context): Promise<void> => {
    const parameters = parseParameters(catalogParameters, urlParameters(ctx.querystring));
    const { repository } = catalogNamed(catalogs, parameters.catalog);
    const accessible = await callerSources(ctx, identify, repository);
    const sources = await repository.listSources();
    const shown = sources.filter(({ id }) => accessible.has(id));
    ctx.body = { sources: shown.map(({ id, spec }) => ({ sourceId: id, sourceSpec: spec })) };
  };
}

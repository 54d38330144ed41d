import { z } from 'zod';
import { type Operation, operation } from '../../core/http/operation.ts';
import { catalogNamed } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { callerSources, fromRepository } from '../http/caller.ts';
import { catalogParameter } from '../parameters.ts';

const sources = z.object({ sources: z.array(z.object({ sourceId: z.string(), sourceSpec: z.string() })) });

/** `GET /repository/sources`: those of a catalog that the caller may see (specification, service-api 12) */
export function sourcesOperation({ catalogs, identify }: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: '/repository/sources', id: 'listSources', tag: 'Repository', authenticated: true },
    summary: 'Sources of a catalog that the caller may see',
    query: z.strictObject({ catalog: catalogParameter(catalogs) }),
    refusals: ['not_found', 'unavailable'],
    answer: { description: 'The sources.', schema: sources },
    handle: async (ctx, { query }) => {
      const { repository } = catalogNamed(catalogs, query.catalog);
      const accessible = await callerSources(ctx, identify, repository);
      const listed = await fromRepository('which sources there are', (signal) => repository.listSources(signal));
      const shown = listed.filter(({ id }) => accessible.has(id));
      return { sources: shown.map(({ id, spec }) => ({ sourceId: id, sourceSpec: spec })) };
    },
  });
}
